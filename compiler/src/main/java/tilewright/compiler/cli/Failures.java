package tilewright.compiler.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;
import tilewright.boards.InvalidBoardException;
import tilewright.boards.UnknownBoardException;
import tilewright.compiler.CompileException;
import tilewright.compiler.OptionException;
import tilewright.compiler.Version;
import tilewright.compiler.plan.DoesNotFitException;
import tilewright.edge.language.CacheFullException;
import tilewright.model.InvalidInputException;
import tilewright.model.graph.InvalidGraphException;
import tilewright.model.tensor.NearestName;
import tilewright.sim.SimulationException;

/** Tells a person in one line why a command failed; a stack trace goes to a file, and only for what nobody expected. */
final class Failures {
    /** Exit code of a command that could not do what it was asked. */
    static final int FAILED = 1;
    /** Exit code of a command that was called wrongly. */
    static final int MISUSED = 2;

    private final PrintStream err;
    private final String[] arguments;

    Failures(PrintStream err, String[] arguments) {
        this.err = err;
        this.arguments = arguments;
    }

    /** Prints why the command line cannot be understood, and where its help is; gives the exit code. */
    int reportMisuse(ParameterException e) {
        CommandSpec command = e.getCommandLine().getCommandSpec();
        String message = e instanceof UnmatchedArgumentException unmatched
                ? unknown(command, unmatched.getUnmatched().getFirst())
                : e.getMessage()
                        .replaceFirst(" is not an? (?:int|long)$", " is no whole number, or too large")
                        .replaceFirst(" is not a (?:double|float)$", " is no number");
        print(message + (message.endsWith("?") ? " See '" : "; see '") + command.qualifiedName() + " --help'");
        return MISUSED;
    }

    private static String unknown(CommandSpec command, String argument) {
        if (argument.startsWith("-")) {
            return "unknown option " + InvalidInputException.quoted(argument)
                    + NearestName.hint(argument, command.optionsMap().keySet());
        }
        if (command.subcommands().isEmpty()) {
            return "unexpected argument " + InvalidInputException.quoted(argument);
        }
        return "unknown command " + InvalidInputException.quoted(argument) + ", expected one of "
                + String.join(", ", command.subcommands().keySet())
                + NearestName.hint(argument, command.subcommands().keySet());
    }

    /** Prints why a command failed; gives the exit code. */
    int report(Throwable e) {
        print(
                switch (e) {
                    case InvalidInputException known -> known.getMessage();
                    case InvalidBoardException known -> known.getMessage();
                    case CompileException known -> known.getMessage();
                    case DoesNotFitException known -> known.getMessage();
                    case InvalidGraphException known -> known.getMessage();
                    case SimulationException known -> known.getMessage();
                    case CacheFullException known -> known.getMessage();
                    case OptionException known -> known.getMessage();
                    case UncheckedIOException io -> describe(io);
                    case IOException io -> describe(io);
                    case OutOfMemoryError memory ->
                        "out of memory at " + (Runtime.getRuntime().maxMemory() >> 20)
                                + " MiB; allow more with TILEWRIGHT_JAVA_OPTIONS=-Xmx8g";
                    default -> "unexpected " + e + "; details are in " + crashLog(e);
                });
        return e instanceof OptionException || e instanceof UnknownBoardException ? MISUSED : FAILED;
    }

    private void print(String message) {
        err.println("tilewright: " + message.strip().replaceAll("\\s*\\R\\s*", " "));
    }

    private static String describe(IOException e) {
        if (e instanceof FileSystemException file && file.getFile() != null) {
            return file.getFile() + ": " + InvalidInputException.reason(e);
        }
        return e.getMessage() == null ? e.toString() : e.getMessage();
    }

    /** What was being done, where that is said, and why it failed. */
    private static String describe(UncheckedIOException e) {
        IOException cause = e.getCause();
        String said = e.getMessage();
        if (said == null || said.equals(cause.toString())) {
            return describe(cause);
        }
        String reason = InvalidInputException.reason(cause);
        return said.contains(reason) ? said : said + " (" + reason + ")";
    }

    /** Writes what is needed to find the cause; gives the file, or why there is none. */
    private String crashLog(Throwable e) {
        String time = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss-SSS").format(LocalDateTime.now());
        Path file = StateFolder.path().resolve("logs").resolve("crash-" + time + ".log");
        StringWriter trace = new StringWriter();
        e.printStackTrace(new PrintWriter(trace));
        try {
            Files.createDirectories(file.getParent());
            Files.writeString(
                    file,
                    "tilewright " + Version.current() + ", Java " + Runtime.version() + ", "
                            + System.getProperty("os.name") + " " + System.getProperty("os.arch") + "\n"
                            + "arguments: " + List.of(arguments) + "\n\n" + trace);
            return file.toString();
        } catch (IOException unwritable) {
            return "no file, as " + describe(unwritable);
        }
    }
}

package tilewright.compiler.cli;

import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.Reader;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.TypeConversionException;

/** The entry point of {@code tilewright}. */
public final class Main {
    private Main() {}

    /** Runs one command and ends the JVM with its exit code: 0 done, 1 failed, 2 misuse. */
    public static void main(String[] args) {
        StandardError.restore();
        Charset typed = Charset.forName(System.getProperty("stdin.encoding", "UTF-8"), StandardCharsets.UTF_8);
        int status = execute(
                args,
                new InputStreamReader(System.in, typed),
                System.out,
                System.err,
                Boolean.getBoolean("tilewright.terminal"));
        System.out.flush();
        System.err.flush();
        System.exit(status);
    }

    /**
     * Runs one command within this JVM.
     *
     * @param in what a user types
     * @param out takes the answer, and nothing else
     * @param err takes progress, notes and failures
     * @param terminal whether {@code err} is a terminal, which can draw progress bars
     * @return the exit code: 0 done, 1 failed, 2 misuse
     */
    public static int execute(String[] args, Reader in, PrintStream out, PrintStream err, boolean terminal) {
        Failures failures = new Failures(err, args);
        try (Console console = new Console(in, out, err, terminal)) {
            return commandLine(console, args.length == 0 ? "" : args[0])
                    .setExecutionExceptionHandler((e, command, parsed) -> {
                        console.endProgress();
                        return failures.report(e);
                    })
                    .setParameterExceptionHandler((e, given) -> {
                        console.endProgress();
                        return failures.reportMisuse(e);
                    })
                    .execute(args);
        } catch (RuntimeException | Error e) {
            // picocli hands on exceptions only; running out of memory, for example, is an error.
            return failures.report(e);
        }
    }

    private static Map<String, Function<Console, Object>> commands() {
        Map<String, Function<Console, Object>> commands = new LinkedHashMap<>();
        commands.put("boards", BoardsCommand::new);
        commands.put("inspect", InspectCommand::new);
        commands.put("compile", CompileCommand::new);
        commands.put("verify", VerifyCommand::new);
        commands.put("eval", EvalCommand::new);
        commands.put("run", RunCommand::new);
        commands.put("bench", BenchCommand::new);
        commands.put("profile", ProfileCommand::new);
        commands.put("perplexity", PerplexityCommand::new);
        commands.put("tokenize", TokenizeCommand::new);
        commands.put("logits", LogitsCommand::new);
        commands.put("random-model", RandomModelCommand::new);
        commands.put("wave", WaveCommand::new);
        commands.put("pack", PackCommand::new);
        commands.put("plan", PlanCommand::new);
        commands.put("doctor", DoctorCommand::new);
        return commands;
    }

    /**
     * The commands, as picocli knows them; also what completion scripts are generated from.
     *
     * @param first the first argument: where it names a command, only that one is prepared, as each takes its time
     */
    static CommandLine commandLine(Console console, String first) {
        CommandLine line = new CommandLine(new Tilewright());
        Map<String, Function<Console, Object>> commands = commands();
        if (commands.containsKey(first)) {
            line.addSubcommand(commands.get(first).apply(console));
        } else {
            commands.values().forEach(command -> line.addSubcommand(command.apply(console)));
        }
        line.getSubcommands()
                .values()
                .forEach(command -> command.getCommandSpec()
                        .addOption(OptionSpec.builder("-h", "--help")
                                .usageHelp(true)
                                .description("Prints this help.")
                                .build()));
        if (!commands.containsKey(first)) {
            line.addSubcommand(new GenerateCompletion());
        }
        if (line.getSubcommands().containsKey("run")) {
            RunCommand.arrangeHelp(line.getSubcommands().get("run"));
        }
        // An empty path would name the present folder.
        line.registerConverter(Path.class, text -> {
            if (text.isEmpty()) {
                throw new TypeConversionException("is empty, expected a file or folder");
            }
            return Path.of(text);
        });
        // A prompt may begin with @.
        return line.setExpandAtFiles(false)
                .setOut(console.outWriter())
                .setErr(console.errWriter())
                .setUsageHelpAutoWidth(false)
                .setColorScheme(Help.defaultColorScheme(Help.Ansi.OFF));
    }
}

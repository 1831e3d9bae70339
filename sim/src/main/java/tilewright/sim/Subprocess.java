package tilewright.sim;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Runs another program to its end: nothing on its standard input, a time limit, its standard error line by line. */
public final class Subprocess {
    /**
     * How a program ended.
     *
     * @param exitCode its exit code; 128 plus the signal's number when a signal ended it
     * @param timedOut whether it was stopped because its time was over
     * @param output what it wrote to standard output
     */
    public record Outcome(int exitCode, boolean timedOut, String output) {}

    private Subprocess() {}

    /**
     * Finds a program.
     *
     * @param name its name, or its path
     * @param path the folders to look in, as {@code PATH} has them
     */
    public static Optional<Path> program(String name, String path) {
        if (name.contains(File.separator)) {
            return Optional.of(Path.of(name)).filter(Files::isExecutable);
        }
        return Arrays.stream(path.split(File.pathSeparator))
                .filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder, name))
                .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
                .findFirst();
    }

    /** What an exit code that is not 0 says: {@code "crashed with signal 11 (invalid memory access)"}. */
    public static String ending(int exitCode) {
        int signal = exitCode - 128;
        String meaning = switch (signal) {
            case 4 -> "illegal instruction";
            case 6 -> "abort";
            case 7 -> "bus error";
            case 8 -> "division by zero";
            case 9 -> "killed, perhaps for memory";
            case 11 -> "invalid memory access";
            default -> "signal " + signal;
        };
        return signal > 0 && signal < 65
                ? "crashed with signal %d (%s)".formatted(signal, meaning)
                : "failed with exit code %d".formatted(exitCode);
    }

    /**
     * Runs a program; when this method returns or throws, the program and what it started have ended.
     *
     * @param errors is given each line of standard error as it comes, from another thread
     * @throws SimulationException when the program cannot be started, or this thread is interrupted
     */
    public static Outcome run(List<String> command, Path folder, Duration limit, Consumer<String> errors) {
        Process process = start(command, folder);
        try (ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<String> output =
                    readers.submit(() -> new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
            Future<Void> forwarded = readers.submit(() -> forward(process, errors));
            boolean ended = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
            if (!ended) {
                kill(process);
                process.waitFor();
            }
            forwarded.get();
            return new Outcome(process.exitValue(), !ended, output.get());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SimulationException(command.getFirst() + " was interrupted; run it again", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException fromListener) {
                throw fromListener;
            }
            throw new SimulationException(
                    "%s: its output cannot be read (%s)".formatted(command.getFirst(), e.getMessage()), e);
        } finally {
            kill(process);
        }
    }

    private static Process start(List<String> command, Path folder) {
        try {
            return new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                    .start();
        } catch (IOException e) {
            throw new SimulationException("'%s' cannot be run (%s)".formatted(command.getFirst(), e.getMessage()), e);
        }
    }

    private static Void forward(Process process, Consumer<String> errors) throws IOException {
        try (BufferedReader lines = process.errorReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                errors.accept(line);
            }
            return null;
        } catch (RuntimeException e) {
            kill(process); // a listener that fails must not leave the program blocked on a full pipe
            throw e;
        }
    }

    private static void kill(Process process) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }
}

package tilewright.tests;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.Reader;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import tilewright.compiler.cli.Main;

/** The command line, run within the test's JVM, and the files that tests use. */
final class Tilewright {
    private Tilewright() {}

    /**
     * What a command left behind.
     *
     * @param status its exit code
     * @param out its standard output
     * @param err its standard error
     */
    record Result(int status, String out, String err) {
        /** The lines of standard error that are not progress. */
        List<String> complaints() {
            return err.lines().filter(line -> line.startsWith("tilewright: ")).toList();
        }
    }

    /** Runs a command; no stream is a terminal, and nothing is typed. */
    static Result run(Object... arguments) {
        return runTyping("", arguments);
    }

    /** Runs a command that reads {@code typed} on standard input. */
    static Result runTyping(String typed, Object... arguments) {
        return runReading(new StringReader(typed), arguments);
    }

    /** Runs a command whose standard input is {@code typed}. */
    static Result runReading(Reader typed, Object... arguments) {
        String[] texts = new String[arguments.length];
        for (int i = 0; i < arguments.length; i++) {
            texts[i] = arguments[i].toString();
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int status = Main.execute(
                texts,
                typed,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                false);
        return new Result(status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /** The root of the checkout. */
    static Path checkout() {
        for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
            if (Files.isDirectory(folder.resolve("examples"))) {
                return folder;
            }
        }
        throw new IllegalStateException(
                "there is no folder 'examples' above " + Path.of("").toAbsolutePath());
    }

    /** The folder of reference data beside the checkout, which may not exist. */
    static Path shared() {
        String given = System.getProperty("tilewright.shared");
        return given == null ? checkout().resolveSibling("shared").resolve("golden") : Path.of(given, "golden");
    }

    /** The trained model that the repository carries. */
    static Path example() {
        return checkout().resolve("examples/vit-moe-mnist");
    }

    /** The 256 drawn digits. */
    static Path drawnDigits() {
        return example().resolve("digits-drawn/images-idx3-ubyte");
    }
}

package tilewright.compiler.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tilewright.compiler.CompileException;
import tilewright.model.InvalidInputException;
import tilewright.model.graph.InvalidGraphException;

class FailuresTest {
    private static final String HOME = "tilewright.home";

    @TempDir
    Path home;

    private String before;

    @BeforeEach
    void useAStateFolderOfItsOwn() {
        before = System.getProperty(HOME);
        System.setProperty(HOME, home.toString());
    }

    @AfterEach
    void restoreTheStateFolder() {
        if (before == null) {
            System.clearProperty(HOME);
        } else {
            System.setProperty(HOME, before);
        }
    }

    private static String printed(Throwable failure) {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Failures failures = new Failures(
                new PrintStream(err, true, StandardCharsets.UTF_8), new String[] {"eval", "--data", "a b"});
        assertEquals(1, failures.report(failure));
        return err.toString(StandardCharsets.UTF_8);
    }

    static Stream<Arguments> known() {
        return Stream.of(
                Arguments.of(new InvalidInputException("a.idx: cut short"), "a.idx: cut short"),
                Arguments.of(new CompileException("does not fit"), "does not fit"),
                Arguments.of(new CompileException("first line\n  second line"), "first line second line"),
                Arguments.of(new InvalidGraphException("node 'a': no"), "node 'a': no"),
                Arguments.of(new NoSuchFileException("x/y"), "x/y: there is no such file or folder"),
                Arguments.of(new AccessDeniedException("x/y"), "x/y: permission denied"),
                Arguments.of(new FileAlreadyExistsException("x/y"), "x/y: exists already"),
                Arguments.of(
                        new FileSystemException("x/y", null, "Read-only file system"), "x/y: Read-only file system"),
                Arguments.of(new UncheckedIOException(new IOException("disk full")), "disk full"),
                Arguments.of(
                        new UncheckedIOException("p.profile: cannot be written", new IOException("disk full")),
                        "p.profile: cannot be written (disk full)"),
                Arguments.of(
                        new UncheckedIOException("a: cannot be written: disk full", new IOException("disk full")),
                        "a: cannot be written: disk full"),
                Arguments.of(new IOException((String) null), "java.io.IOException"));
    }

    @ParameterizedTest
    @MethodSource("known")
    void aKnownFailureIsItsMessageOnOneLine(Throwable failure, String message) throws IOException {
        assertEquals("tilewright: " + message + System.lineSeparator(), printed(failure));
        try (Stream<Path> written = Files.list(home)) {
            assertEquals(0, written.count(), "no log for what is explained");
        }
    }

    @Test
    void anUnexpectedFailureIsOneLineAndALogWithTheTraceAndTheArguments() throws IOException {
        String line = printed(new IllegalStateException("odd"));

        assertEquals(1, line.lines().count(), line);
        assertTrue(
                line.startsWith("tilewright: unexpected java.lang.IllegalStateException: odd; details are in "
                        + home.resolve("logs").resolve("crash-")),
                line);
        String log = Files.readString(Path.of(line.strip().replaceFirst(".*details are in ", "")));
        assertTrue(log.contains("at tilewright.compiler.cli.FailuresTest."), log);
        assertTrue(log.contains("arguments: [eval, --data, a b]"), log);
    }

    @Test
    void aStateFolderThatCannotBeWrittenIsSaidInTheSameLine() throws IOException {
        Files.writeString(home.resolve("logs"), "a file where the folder should be");

        String line = printed(new IllegalStateException("odd"));

        assertEquals(1, line.lines().count(), line);
        assertTrue(line.contains("details are in no file, as "), line);
    }
}

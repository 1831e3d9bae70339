package tilewright.compiler.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProgressLinesTest {
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private long now;
    private final ProgressLines progress =
            new ProgressLines(new PrintStream(err, true, StandardCharsets.UTF_8), () -> now);

    private List<String> lines() {
        return err.toString(StandardCharsets.UTF_8).lines().toList();
    }

    @Test
    void longWorkIsFourLines() {
        for (int i = 0; i <= 1000; i++) {
            progress.update("eval", i, 1000);
            now += 1_000_000_000L;
        }

        assertEquals(
                List.of("eval: 250 of 1000", "eval: 500 of 1000", "eval: 750 of 1000", "eval: 1000 of 1000"), lines());
    }

    @Test
    void shortWorkIsOneLine() {
        for (int i = 0; i <= 1000; i++) {
            progress.update("eval", i, 1000);
        }

        assertEquals(List.of("eval: 1000 of 1000"), lines());
    }

    @Test
    void anotherWorkStartsAnew() {
        progress.update("read", 1, 2);
        now += 5_000_000_000L;
        progress.update("write", 1, 2);
        progress.update("write", 2, 2);
        progress.update("write", 2, 2);

        assertEquals(List.of("write: 2 of 2", "write: 2 of 2"), lines());
    }
}

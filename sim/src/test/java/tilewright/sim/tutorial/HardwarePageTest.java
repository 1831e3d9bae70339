package tilewright.sim.tutorial;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.Elaboration;
import tilewright.hw.lang.InvalidDesignException;
import tilewright.hw.lang.emit.SystemVerilog;
import tilewright.hw.lang.emit.Tool;

/** What docs/hardware.md shows is what this folder holds, what is printed of it, and what the tools say of it. */
class HardwarePageTest {
    private static final Path PAGE = Path.of("../docs/hardware.md");
    private static final Path SOURCES = Path.of("src/test/java/tilewright/sim/tutorial");

    @Test
    void everyJavaBlockStandsInASourceThatIsCompiled() throws IOException {
        List<String> sources;
        try (Stream<Path> files = Files.list(SOURCES)) {
            sources = files.map(HardwarePageTest::read)
                    .map(HardwarePageTest::withoutIndentation)
                    .toList();
        }
        List<String> blocks = blocks("java");
        assertTrue(blocks.size() >= 4, () -> blocks.size() + " blocks of Java");
        for (String block : blocks) {
            String wanted = withoutIndentation(block);
            assertTrue(sources.stream().anyMatch(source -> source.contains(wanted)), () -> "in no source:\n" + block);
        }
    }

    @Test
    void everySystemVerilogBlockIsPrintedOfTheComponent() {
        String text = withoutIndentation(SystemVerilog.text(Elaboration.of(ArgMax::new)));
        List<String> blocks = blocks("systemverilog");
        assertFalse(blocks.isEmpty());
        for (String block : blocks) {
            assertTrue(text.contains(withoutIndentation(block)), () -> "not printed:\n" + block + "\nbut\n" + text);
        }
    }

    @Test
    void theMessagesAreThoseOfTheRefusedComponents() {
        assertEquals(List.of(refusal(Sum::new), refusal(Unguarded::new)), blocks("text"));
    }

    private static String refusal(Supplier<? extends Component> design) {
        return assertThrows(InvalidDesignException.class, () -> Elaboration.of(design))
                        .getMessage() + "\n";
    }

    @Test
    void theCommandsSynthesiseAndRouteTheComponentAtTheClockThatThePageTells(@TempDir Path folder) {
        Tool.need("yosys");
        Tool.need("nextpnr-ice40");
        SystemVerilog.write(Elaboration.of(ArgMax::new), folder);
        String commands = String.join("", blocks("sh"));
        String said = new Tool(folder).run(List.of("bash", "-e", "-o", "pipefail", "-c", commands));
        double megahertz = Pattern.compile("Max frequency for clock '[^']*': ([0-9.]+) MHz")
                .matcher(said)
                .results()
                .mapToDouble(found -> Double.parseDouble(found.group(1)))
                .reduce((_, last) -> last)
                .orElseThrow(() -> new AssertionError(said));
        // Versions of the tools differ by some percent.
        MatchResult told = Pattern.compile("([0-9]+) MHz on an HX8K")
                .matcher(read(PAGE))
                .results()
                .findFirst()
                .orElseThrow();
        assertEquals(Double.parseDouble(told.group(1)), megahertz, 0.25 * megahertz);
    }

    /** The fenced blocks of a language, in order. */
    private static List<String> blocks(String language) {
        return Pattern.compile("^```" + language + "\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL)
                .matcher(read(PAGE))
                .results()
                .map(found -> found.group(1))
                .toList();
    }

    private static String withoutIndentation(String text) {
        return text.replaceAll("(?m)^[ \t]+", "");
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

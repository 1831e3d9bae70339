package tilewright.sim.synthesis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The bars that the library's components are held to: here those that are synthesised soon, the others in the table. */
class LibraryCostTest {
    private static final Path TABLE = Path.of("../docs/synthesis.md");
    private static final int MOST_LEVELS = 8;
    /** Columns of numbers of a component: LUT, FF, DSP, memories, levels. */
    private static final int COUNTS = 5;

    private static final int ELEMENTS = 256;
    /** Of a 16 x 16 tile: 40 for each 16 elements. */
    private static final int MOST_TILE_TABLES = 40 * ELEMENTS / 16;

    @TempDir
    Path cache;

    private Resources resources(String name, Target target) {
        Optional<String> missing = Synthesis.missing("yosys");
        assumeTrue(missing.isEmpty(), () -> missing.orElseThrow());
        LibraryInstances.Instance instance = LibraryInstances.all().stream()
                .filter(i -> i.name().equals(name))
                .findFirst()
                .orElseThrow();
        return new Synthesis(cache).resources(instance.design(LibraryInstances.Blocks.of(target)), target);
    }

    @ParameterizedTest
    @CsvSource({"'tile 16 x 16, resident weights', XC7, 256", "'tile 16 x 16, resident weights, packed', XCUP, 128"})
    void aTileIsItsMultipliersAndHardlyAnythingElse(String name, Target target, int multipliers) {
        Resources r = resources(name, target);
        assertEquals(multipliers, r.multipliers());
        assertTrue(r.lookupTables() <= MOST_TILE_TABLES, () -> r.toString());
    }

    /** iCE40 has the smallest lookup tables, and so the most levels. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "tile 4 x 4, resident weights",
                "tile 4 x 4, resident sums",
                "weight decompressor, 8 lanes, words of 64 bits",
                "DMA, reading, 128 bits, 8 bursts of 16",
                "DMA, writing, 128 bits, 8 bursts of 16",
                "strided transfers, 32 bits",
                "requantiser, 32 to 8 bits",
                "int8 table",
                "softmax, rows to 1 024",
                "dispatcher, 16 experts, 256 tokens"
            })
    void noPathHasMoreThanEightTables(String name) {
        Resources r = resources(name, Target.ICE40);
        assertTrue(r.levels() <= MOST_LEVELS, () -> r.toString());
    }

    private record Row(String component, String family, List<String> values) {}

    /** The rows of the tables of the page that are of components, their columns in order. */
    private static List<Row> rows() throws IOException {
        List<Row> rows = new ArrayList<>();
        for (String line : Files.readAllLines(TABLE)) {
            if (line.matches("\\| .* \\| (xc7|xcup|ecp5|ice40|HX8K|UP5K) \\| .*") && !line.contains("%")) {
                List<String> columns = List.of(line.substring(2).split(" *\\| *"));
                rows.add(new Row(columns.get(0), columns.get(1), columns.subList(2, columns.size())));
            }
        }
        return rows;
    }

    private static List<String> values(String component, String family) throws IOException {
        return rows().stream()
                .filter(row -> row.component.equals(component) && row.family.equals(family))
                .findFirst()
                .orElseThrow(() -> new AssertionError(
                        component + ", " + family + " is not in docs/synthesis.md; run SynthesisTable again"))
                .values;
    }

    @Test
    void noComponentOfTheTableExceedsEightLevels() throws IOException {
        for (Row row : rows()) {
            if (row.values.size() == COUNTS) {
                int levels = Integer.parseInt(row.values.getLast());
                assertTrue(levels <= MOST_LEVELS, row + ": " + levels + " levels");
            }
        }
    }

    @Test
    void theTableHasEveryComponentOnItsFamilies() throws IOException {
        for (LibraryInstances.Instance instance : LibraryInstances.all()) {
            for (Target target : instance.targets()) {
                values(instance.name(), target.name().toLowerCase(Locale.ROOT));
            }
        }
    }

    @Test
    void theTableHasTilesOf16By16WithinTheirBars() throws IOException {
        for (String[] tile : new String[][] {
            {"tile 16 x 16, resident weights", "xc7", "256"},
            {"tile 16 x 16, resident weights", "xcup", "256"},
            {"tile 16 x 16, resident weights, packed", "xcup", "128"},
            {"tile 16 x 16, resident sums", "xc7", "256"},
            {"tile 16 x 16, resident sums", "xcup", "256"}
        }) {
            List<String> values = values(tile[0], tile[1]);
            int tables = Integer.parseInt(values.get(0).replaceFirst(" .*", ""));
            assertTrue(tables <= MOST_TILE_TABLES, tile[0] + ", " + tile[1] + ": " + tables + " LUT");
            assertEquals(tile[2], values.get(2), tile[0] + ", " + tile[1]);
        }
    }

    @Test
    void softmaxReachesSixtyMegahertzOnAnHx8k() throws IOException {
        assertTrue(Integer.parseInt(values("softmax, rows to 256", "HX8K").getFirst()) >= 60);
    }
}

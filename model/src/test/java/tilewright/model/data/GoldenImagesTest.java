package tilewright.model.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tilewright.model.tensor.DType;
import tilewright.model.tensor.GoldenData;

/** The readers against data sets and figures made by other programs. */
class GoldenImagesTest {
    private Path golden;

    @BeforeEach
    void findGoldenData() {
        golden = GoldenData.folder();
    }

    @Test
    void theDrawnDigitsAreTheBytesOfTheirFile() throws IOException {
        Path file = golden.resolve("digits-drawn/images-idx3-ubyte");
        ImageSet set = ImageSets.open(file);
        byte[] bytes = Files.readAllBytes(file);
        assertEquals("256 1 28 28", set.count() + " " + set.channels() + " " + set.height() + " " + set.width());
        for (int i = 0; i < set.count(); i++) {
            assertArrayEquals(Arrays.copyOfRange(bytes, 16 + 784 * i, 16 + 784 * (i + 1)), set.image(i));
        }
        assertTrue(set.labelled());
    }

    @Test
    void theTestImagesHaveAsManyLabelsOfEachClassAsTheirAuthorCounted() throws IOException {
        ImageSet set = ImageSets.open(golden.resolve("vit-moe-mnist/test512-images-idx3-ubyte"));
        int[] count = new int[10];
        for (int i = 0; i < set.count(); i++) {
            count[set.label(i)]++;
        }
        JsonNode noted = new ObjectMapper()
                .readTree(golden.resolve("vit-moe-mnist/results.json").toFile())
                .get("bincount512");
        for (int label = 0; label < 10; label++) {
            assertEquals(noted.get(label).asInt(), count[label], "label " + label);
        }
    }

    @Test
    void theTokenIdsSumToWhatNumpySays() {
        NpyArray ids = Npy.read(golden.resolve("moe-lm/eval_ids_32769.npy"));
        assertEquals(DType.I32, ids.dtype());
        int[] values = ids.ints();
        assertEquals(32_769, values.length);
        assertArrayEquals(new int[] {407, 457, 2623, 566, 85}, Arrays.copyOf(values, 5));
        assertEquals(28_323_535, Arrays.stream(values).asLongStream().sum());
    }
}

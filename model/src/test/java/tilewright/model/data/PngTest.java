package tilewright.model.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static tilewright.model.data.PngBytes.bytes;
import static tilewright.model.data.PngBytes.image;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PngTest {
    @TempDir
    Path folder;

    private ImageSet open(byte[] png) throws IOException {
        return ImageSets.open(Files.write(folder.resolve("image.png"), png));
    }

    @Test
    void greySamplesAreReadAsTheyStand() throws IOException {
        ImageSet set = open(image(2, 2, 8, 0, 0, 10, 200, 0, 0, 255));
        assertEquals("1 1 2 2", set.count() + " " + set.channels() + " " + set.height() + " " + set.width());
        assertArrayEquals(bytes(10, 200, 0, 255), set.image(0));
        assertEquals("image.png", set.name(0));
        assertFalse(set.labelled());
    }

    @Test
    void rowFiltersAreUndone() throws IOException {
        assertArrayEquals(
                bytes(10, 13, 12, 20),
                open(image(2, 2, 8, 0, 1, 10, 3, 2, 2, 7)).image(0));
    }

    @Test
    void colourComesAsPlanes() throws IOException {
        assertArrayEquals(
                bytes(1, 4, 2, 5, 3, 6),
                open(image(2, 1, 8, 2, 0, 1, 2, 3, 4, 5, 6)).image(0));
    }

    @Test
    void opaqueAlphaIsDropped() throws IOException {
        assertArrayEquals(
                bytes(1, 4, 2, 5, 3, 6),
                open(image(2, 1, 8, 6, 0, 1, 2, 3, 255, 4, 5, 6, 255)).image(0));
        assertArrayEquals(
                bytes(9, 200), open(image(2, 1, 8, 4, 0, 9, 255, 200, 255)).image(0));
    }

    @Test
    void palettesAreLookedUp() throws IOException {
        byte[] png = new PngBytes()
                .header(3, 1, 2, 3, 0)
                .chunk("PLTE", bytes(1, 2, 3, 40, 50, 60, 7, 8, 9))
                .data(0, 0b01_00_10_00)
                .end();
        assertArrayEquals(bytes(40, 1, 7, 50, 2, 8, 60, 3, 9), open(png).image(0));
    }

    @ParameterizedTest
    @CsvSource({"1, 128, 255, 0", "2, 192, 255, 0", "4, 240, 255, 0"})
    void narrowGreySamplesAreSpreadToTheWholeRange(int depth, int row, int first, int second) throws IOException {
        assertArrayEquals(
                bytes(first, second), open(image(2, 1, depth, 0, 0, row)).image(0));
    }

    @Test
    void textsAndProfilesAreSkipped() throws IOException {
        byte[] bomb = PngBytes.deflated(new byte[1 << 20]);
        byte[] text = new byte[bomb.length + 3];
        text[0] = 'k';
        System.arraycopy(bomb, 0, text, 3, bomb.length);
        byte[] png = new PngBytes()
                .header(1, 1, 8, 0, 0)
                .chunk("gAMA", new byte[] {0, 0, 0, 1})
                .chunk("iCCP", text)
                .chunk("zTXt", text)
                .data(0, 77)
                .chunk("tEXt", "x\0y".getBytes(StandardCharsets.ISO_8859_1))
                .end();
        assertArrayEquals(bytes(77), open(png).image(0));
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "1, 9", "2, 1", "3, 5", "5, 3", "8, 8", "9, 17"})
    void interlacedImagesHaveThePixelsThatWereWritten(int width, int height) throws IOException {
        Random random = new Random(5);
        BufferedImage drawn = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY);
        byte[] expected = new byte[width * height];
        random.nextBytes(expected);
        for (int i = 0; i < expected.length; i++) {
            drawn.getRaster().setSample(i % width, i / width, 0, Byte.toUnsignedInt(expected[i]));
        }
        Path file = folder.resolve("interlaced.png");
        ImageWriter writer = ImageIO.getImageWritersByFormatName("png").next();
        ImageWriteParam settings = writer.getDefaultWriteParam();
        settings.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
        try (var out = ImageIO.createImageOutputStream(file.toFile())) {
            writer.setOutput(out);
            writer.write(null, new IIOImage(drawn, null, null), settings);
        }
        writer.dispose();
        assertEquals(1, Files.readAllBytes(file)[28], "the interlace method");
        assertArrayEquals(expected, ImageSets.open(file).image(0));
    }
}

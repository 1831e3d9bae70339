package tilewright.model.data;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.MemoryCacheImageInputStream;
import tilewright.model.InvalidInputException;

/** Decodes PNG files to the samples that they hold, without colour management. */
final class PngImage {
    private static final int MAX_FILE_BYTES = 1 << 28;

    private PngImage() {}

    /** Reads only the header of a file. */
    static PngChunks.Header header(Path file) {
        try (var in = Files.newInputStream(file)) {
            return PngChunks.header(file.toString(), in.readNBytes(PngChunks.HEADER_BYTES));
        } catch (IOException e) {
            throw MappedFile.unreadable(file.toString(), e);
        }
    }

    /**
     * The pixels, {@code [C, H, W]}: one channel for grey images, three for colour and palettes; grey of fewer than 8
     * bits is spread to 0 to 255.
     *
     * @throws InvalidInputException if the file is damaged or a pixel is not opaque
     */
    static byte[] pixels(Path file) {
        String place = file.toString();
        byte[] bytes;
        try {
            if (Files.size(file) > MAX_FILE_BYTES) {
                throw new InvalidInputException(place + ": " + Files.size(file) + " bytes exceed the limit of "
                        + MAX_FILE_BYTES + " for an image; resize it");
            }
            bytes = Files.readAllBytes(file);
        } catch (IOException e) {
            throw MappedFile.unreadable(place, e);
        }
        PngChunks chunks = PngChunks.read(place, bytes);
        return samples(place, chunks, decode(place, chunks.essential()));
    }

    private static BufferedImage decode(String place, byte[] png) {
        ImageReader reader = ImageIO.getImageReadersByFormatName("png").next();
        try (var stream = new MemoryCacheImageInputStream(new ByteArrayInputStream(png))) {
            reader.setInput(stream, true, true);
            return reader.read(0);
        } catch (IOException | RuntimeException e) {
            // The decoder reports part of what can be wrong with a palette or filter by unchecked exceptions.
            throw MappedFile.unreadable(place, e);
        } finally {
            reader.dispose();
        }
    }

    private static byte[] samples(String place, PngChunks chunks, BufferedImage image) {
        PngChunks.Header header = chunks.header();
        int channels = header.channels();
        int plane = header.width() * header.height();
        byte[] pixels = new byte[Math.multiplyExact(channels, plane)];
        Raster raster = image.getRaster();
        IndexColorModel palette = image.getColorModel() instanceof IndexColorModel colours ? colours : null;
        int alphaBand = palette == null && raster.getNumBands() > channels ? channels : -1;
        int[] sample = new int[raster.getNumBands()];
        for (int y = 0; y < header.height(); y++) {
            for (int x = 0; x < header.width(); x++) {
                raster.getPixel(x, y, sample);
                int alpha = alphaBand < 0 ? 255 : sample[alphaBand];
                int at = y * header.width() + x;
                if (palette != null) {
                    int index = sample[0];
                    if (header.colourType() == PngChunks.PALETTE && index >= chunks.colours()) {
                        throw new InvalidInputException(place + ": pixel (" + x + ", " + y + ") has colour " + index
                                + " of a palette of " + chunks.colours() + "; the image is damaged, save it again");
                    }
                    alpha = palette.getAlpha(index);
                    pixels[at] = (byte) palette.getRed(index);
                    if (channels == 3) {
                        pixels[plane + at] = (byte) palette.getGreen(index);
                        pixels[2 * plane + at] = (byte) palette.getBlue(index);
                    }
                } else {
                    for (int c = 0; c < channels; c++) {
                        pixels[c * plane + at] = (byte) sample[c];
                    }
                }
                if (alpha != 255) {
                    throw new InvalidInputException(place + ": pixel (" + x + ", " + y
                            + ") is not opaque; save the image without transparency");
                }
            }
        }
        return pixels;
    }
}

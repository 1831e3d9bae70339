package tilewright.compiler.build;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import tilewright.compiler.ImageCheck;
import tilewright.model.data.ImageSet;
import tilewright.model.data.ImageSets;
import tilewright.model.family.ImageGeometry;

/**
 * The images that a compilation calibrates with and keeps for verification.
 *
 * @param images raw pixels of the model's size
 * @param origin where they come from, for the user
 * @param synthetic whether they were made up because there are none
 */
public record CalibrationImages(ImageSet images, String origin, boolean synthetic) {
    private static final int DEFAULT_COUNT = 128;
    private static final int SYNTHETIC_COUNT = 8;
    private static final int WAVES = 12;

    /**
     * Opens the given images, else those that lie in the model's folder, else makes some up.
     *
     * @param file the user's choice, or null
     * @param limit the number of images, or null
     */
    public static CalibrationImages open(Path file, Path model, ImageGeometry geometry, Integer limit) {
        Path source = file != null ? file : besideModel(model);
        if (source == null) {
            int count = limit == null ? SYNTHETIC_COUNT : limit;
            return new CalibrationImages(synthetic(geometry, count), "synthetic images", true);
        }
        ImageSet images = ImageSets.open(source);
        ImageCheck.requireSize(images, geometry, model);
        int count = Math.min(images.count(), limit == null ? DEFAULT_COUNT : limit);
        return new CalibrationImages(images.first(count), images.place(), false);
    }

    /** {@code calibration.npz}, a folder {@code calibration}, or an idx file in the folder or right below it. */
    private static Path besideModel(Path model) {
        for (String name : List.of("calibration.npz", "calibration")) {
            if (Files.exists(model.resolve(name))) {
                return model.resolve(name);
            }
        }
        try (Stream<Path> files = Files.walk(model, 2)) {
            return files.filter(file -> file.getFileName().toString().endsWith("images-idx3-ubyte"))
                    .sorted()
                    .findFirst()
                    .orElse(null);
        } catch (IOException e) {
            throw new UncheckedIOException(model + ": cannot be searched for calibration images", e);
        }
    }

    /** Sums of random waves, scaled to all 256 levels: smoother than noise, as photographs are. */
    private static ImageSet synthetic(ImageGeometry geometry, int count) {
        SplittableRandom random = new SplittableRandom(1);
        int plane = geometry.height() * geometry.width();
        byte[] pixels = new byte[count * geometry.channels() * plane];
        double[] values = new double[plane];
        for (int from = 0; from < pixels.length; from += plane) {
            Arrays.fill(values, 0);
            for (int wave = 0; wave < WAVES; wave++) {
                double vertical = random.nextDouble(-WAVES, WAVES) * wave / WAVES;
                double horizontal = random.nextDouble(-WAVES, WAVES) * wave / WAVES;
                double phase = random.nextDouble(2 * Math.PI);
                for (int i = 0; i < plane; i++) {
                    double y = (double) (i / geometry.width()) / geometry.height();
                    double x = (double) (i % geometry.width()) / geometry.width();
                    values[i] += Math.cos(2 * Math.PI * (vertical * y + horizontal * x) + phase) / (1 + wave);
                }
            }
            double low = Arrays.stream(values).min().orElseThrow();
            double high = Arrays.stream(values).max().orElseThrow();
            for (int i = 0; i < plane; i++) {
                pixels[from + i] = (byte) Math.round(255 * (values[i] - low) / Math.max(high - low, Double.MIN_NORMAL));
            }
        }
        return ImageSet.of("synthetic images", geometry.channels(), geometry.height(), geometry.width(), pixels, null);
    }
}

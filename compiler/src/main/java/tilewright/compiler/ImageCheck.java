package tilewright.compiler;

import tilewright.model.InvalidInputException;
import tilewright.model.data.ImageSet;
import tilewright.model.family.ImageGeometry;

/** Refuses images that a model cannot take. */
public final class ImageCheck {
    private ImageCheck() {}

    /**
     * Refuses images of another size than the model's.
     *
     * @param place the model, for messages
     * @throws InvalidInputException naming both sizes
     */
    public static void requireSize(ImageSet images, ImageGeometry geometry, Object place) {
        if (images.channels() != geometry.channels()
                || images.height() != geometry.height()
                || images.width() != geometry.width()) {
            throw new InvalidInputException(images.place() + ": images are "
                    + size(images.channels(), images.height(), images.width()) + ", but the model in " + place
                    + " takes " + size(geometry.channels(), geometry.height(), geometry.width())
                    + " (channels x rows x columns); resize them first");
        }
    }

    private static String size(int channels, int height, int width) {
        return channels + " x " + height + " x " + width;
    }
}

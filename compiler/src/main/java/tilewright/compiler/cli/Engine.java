package tilewright.compiler.cli;

import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import tilewright.compiler.ImageCheck;
import tilewright.model.data.ImageSet;
import tilewright.model.family.ImageGeometry;

/** Something that computes a model's outputs: the float model, or a compiled design. */
interface Engine extends AutoCloseable {
    /** What a user calls it, for messages: the folder that was given. */
    String place();

    /** The images that it takes. */
    ImageGeometry image();

    /** Its outputs (the tasks, where there are several) and their shapes for one image, in the model's order. */
    SequencedMap<String, int[]> outputs();

    /** What the classes are called, by index; empty when nobody said. */
    List<String> classNames();

    /** The number of images that are best run together. */
    int batch();

    /**
     * Computes outputs of some images, row-major {@code [count, ...]}.
     *
     * @param wanted names of {@link #outputs}
     * @param images of the right size, see {@link #check}
     * @param from the first image
     * @param count how many, at least 1
     */
    Map<String, float[]> run(List<String> wanted, ImageSet images, int from, int count);

    @Override
    void close();

    /**
     * Refuses images of another size than the model's.
     *
     * @throws tilewright.model.InvalidInputException naming both sizes
     */
    default void check(ImageSet images) {
        ImageCheck.requireSize(images, image(), place());
    }
}

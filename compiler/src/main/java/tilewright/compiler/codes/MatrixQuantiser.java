package tilewright.compiler.codes;

import tilewright.model.format.GroupedCodes;

/**
 * Chooses the codes, scales and zero points that stand for a weight matrix; stateless and safe for use by several threads.
 *
 * <p>The result depends only on the arguments: the same bytes on every machine and with any number of threads.
 */
public interface MatrixQuantiser {
    /** The name by which a user chooses this quantiser, for example {@code search}. */
    String name();

    /**
     * Quantises a matrix.
     *
     * @param weights finite numbers [rows, width], row-major
     * @param rows outputs, at least 1
     * @param width inputs, at least 1
     * @param bits bits of a code: 2, 3, 4, 5, 6 or 8
     * @param moments of the inputs that the matrix is multiplied with, or null when they are not known
     * @throws tilewright.model.InvalidInputException naming the row, the column and the value of a weight that is not finite,
     *     or saying that the moments are those of no inputs
     * @throws IllegalArgumentException if the array, the bits or the moments do not fit
     */
    GroupedCodes quantise(float[] weights, int rows, int width, int bits, InputMoments moments);
}

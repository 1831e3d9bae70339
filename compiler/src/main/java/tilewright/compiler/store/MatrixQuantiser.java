package tilewright.compiler.store;

import tilewright.model.format.GroupedCodes;

/** Turns a matrix of real numbers into grouped codes; deterministic, and safe for use by several threads. */
public interface MatrixQuantiser {
    /**
     * Quantises one matrix.
     *
     * @param place which matrix, for quantisers that know its inputs' statistics, and for messages
     * @param weights finite values [rows, width], row-major; not changed
     * @param bits bits of a code: 2 to 6, or 8
     * @return codes of exactly this shape and width
     */
    GroupedCodes quantise(MatrixPlace place, float[] weights, int rows, int width, int bits);

    /**
     * What tells results of this quantiser from others', for the record of how a store was made: name and settings, and the
     * digest of a profile it uses.
     */
    String describe();
}

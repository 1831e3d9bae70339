package tilewright.edge.language;

/** How keys and values are kept in the cache; they are widened to float32 where they are read. */
public enum CacheFormat {
    /** float32 as computed. */
    F32,
    /** IEEE half precision, rounded to nearest even: relative error at most 2^-11; magnitudes above 65504 saturate. */
    F16,
    /**
     * Signed 8-bit integers with a float32 scale for each position's group of up to 32 columns: absolute error at most 1/254
     * of the largest magnitude in the group.
     */
    Q8
}

/**
 * Number formats of weights: one codec class per format, decoding blocks to float32 and encoding float32 to blocks.
 *
 * <p>The block formats are GGUF's and bit-compatible with it: decoding gives the reference's float32 values exactly, and so
 * do the blocks of formats whose rounding the reference defines (Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, MXFP4). The other formats
 * are encoded by the reference's search for scales (without importance weights), whose order of additions decides near-ties.
 */
package tilewright.model.format;

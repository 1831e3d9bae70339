/** From float matrices to grouped codes of 2 to 8 bits: rounding, scale search and error feedback on calibration moments. */
package tilewright.compiler.codes;

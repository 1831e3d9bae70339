/**
 * Matrix products of int8 operands: the multiply-accumulate element of each device family, and tiles of such elements that
 * keep the weights or the sums where they are.
 */
package tilewright.hw.unit.tensor;

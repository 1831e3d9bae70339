/** From a float graph to an integer program: calibration, quantisation, lowering. */
package tilewright.compiler.quant;

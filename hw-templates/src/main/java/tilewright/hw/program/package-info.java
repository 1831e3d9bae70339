/**
 * Programs of the accelerator: the steps that its units run, their quantised parameters, and the golden integer machine.
 *
 * <p>A program knows no model: the compiler lowers a graph to it, the golden machine runs it, the templates print it.
 */
package tilewright.hw.program;

/** Prints designs as SystemVerilog: the frame of a module from a template, expressions and registers from Java. */
package tilewright.hw.lang.emit;

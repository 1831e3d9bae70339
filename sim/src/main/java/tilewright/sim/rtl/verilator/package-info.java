/**
 * The fast engine: designs as SystemVerilog, made C++ by Verilator, compiled by clang where there is one, and loaded into
 * this process through the Foreign Function and Memory API, or into one of its own.
 *
 * <p>A model is built once: the cache's key is made of the design's text, the flags and the versions of the tools. What
 * all models have in common ({@code verilated.cpp}) is compiled once for all.
 */
package tilewright.sim.rtl.verilator;

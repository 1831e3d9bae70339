/**
 * Proofs about designs of the hardware language, for all inputs and not only for those that a bench tries: the emitted
 * SystemVerilog against a specification written by hand, by the SAT solver of Yosys.
 */
package tilewright.sim.proof;

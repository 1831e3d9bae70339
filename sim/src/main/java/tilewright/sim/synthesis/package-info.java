/**
 * What designs of the hardware language cost on devices, by open synthesis: lookup tables, flip-flops, hard blocks and the
 * longest path (Yosys), and the clock that a real place and route reaches (nextpnr, for iCE40).
 */
package tilewright.sim.synthesis;

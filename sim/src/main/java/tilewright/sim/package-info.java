/** Running hardware: C simulation of emitted HLS designs. */
package tilewright.sim;

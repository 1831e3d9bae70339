/**
 * What lies between memory and the tiles: engines that read and write memory in bursts over AXI, and the decompressor of
 * weights that are stored in fewer bits.
 */
package tilewright.hw.unit.memory;

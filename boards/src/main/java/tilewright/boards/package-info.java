/** Board files (YAML) and what they mean: device resources, memories, bandwidths, clock and toolchain. */
package tilewright.boards;

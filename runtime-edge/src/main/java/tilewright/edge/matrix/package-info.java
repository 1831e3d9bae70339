/**
 * Products of stored weights with float32 activations: weights stay in the bits of their file, repacked once so that a thread
 * reads one sequential stream, and every kernel set (plain, Vector API, native) reads the same layout.
 */
package tilewright.edge.matrix;

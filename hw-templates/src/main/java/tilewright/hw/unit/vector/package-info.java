/** The vector unit's components: requantisation, activations, normalisation, softmax. */
package tilewright.hw.unit.vector;

/**
 * The graph IR: what a model computes, as sealed records with symbolic batch, and the float64 interpreter that arbitrates.
 *
 * <p>One file per operator holds its shape rule and its exact float64 meaning.
 */
package tilewright.model.graph;

/** A model whose experts were packed into a store: what the store's folder says, and the tensors that are no longer there. */
package tilewright.model.store;

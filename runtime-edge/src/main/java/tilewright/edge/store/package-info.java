/** The expert store: a model's experts on storage, one self-describing record each, written once and read on demand. */
package tilewright.edge.store;

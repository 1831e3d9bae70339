/** Packing a model's experts into a store: from stored matrices through a quantiser to records on disk. */
package tilewright.compiler.store;

/** Experts on demand: where they lie on storage, how they are read, kept and dropped within a memory budget. */
package tilewright.edge.expert;

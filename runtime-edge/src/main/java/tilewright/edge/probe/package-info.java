/** Measures the machine: what memory and storage give, the bounds that everything else is held to. */
package tilewright.edge.probe;

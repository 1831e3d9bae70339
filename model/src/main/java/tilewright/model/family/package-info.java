/** Model families: each maps a {@code config.json} and tensor names to the graph; one file per family. */
package tilewright.model.family;

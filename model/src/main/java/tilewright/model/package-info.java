/** What a model is: tensors, number formats, readers, the graph IR and model families. */
package tilewright.model;

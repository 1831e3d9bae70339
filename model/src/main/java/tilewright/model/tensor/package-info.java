/**
 * Tensor files: element types, tensor descriptions, the memory-mapped safetensors reader and the streaming writer.
 *
 * <p>Files are untrusted. Every size, offset, type and shape is checked when a file is opened, and what a reader
 * allocates on the heap is bounded by a small multiple of the header's size.
 */
package tilewright.model.tensor;

/**
 * GGUF files, version 2 and 3: the memory-mapped reader with typed metadata, split files, and the streaming writer.
 *
 * <p>Files are untrusted. Every count, length, type and offset is checked when a file is opened, before anything is allocated
 * for it; arrays and strings of the metadata stay in the mapped file until they are asked for.
 */
package tilewright.model.gguf;

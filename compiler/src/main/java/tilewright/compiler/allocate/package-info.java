/** Choosing the bits of each matrix of a model's experts: least predicted loss for a number of bytes, or fewest bytes for a loss. */
package tilewright.compiler.allocate;

/** Data sets: images as raw pixels with optional labels, from idx, npz and PNG files, and NumPy arrays. */
package tilewright.model.data;

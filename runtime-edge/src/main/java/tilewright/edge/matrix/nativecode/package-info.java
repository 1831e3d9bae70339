/** Compiles C sources on the machine that runs them and keeps the libraries; knows nothing of what is in them. */
package tilewright.edge.matrix.nativecode;

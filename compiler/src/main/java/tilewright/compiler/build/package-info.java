/** Compiling a model into a build directory, and verifying what lies there. */
package tilewright.compiler.build;

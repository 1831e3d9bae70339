/** The command line: one class per command, printing and failing in one place each. */
package tilewright.compiler.cli;

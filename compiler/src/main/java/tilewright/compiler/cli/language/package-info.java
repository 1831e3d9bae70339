/** What the commands for language models work with; nothing here prints. */
package tilewright.compiler.cli.language;

/**
 * Regular expressions as tokenizer files mean them: Oniguruma's syntax over Unicode code points.
 *
 * <p>The JDK's own engine recurses once per repetition of a group, so that megabytes of input overflow the stack, and
 * its classes differ in details. This one keeps its state on the heap, counts its steps, and refuses to go on when a
 * pattern backtracks without end.
 */
package tilewright.model.tokenizer.regex;

/** Passes: functions from graph to graph that keep its float64 outputs; {@link tilewright.compiler.pass.Passes} lists them. */
package tilewright.compiler.pass;

/**
 * The engine that needs nothing but the JDK: designs as bytecode.
 *
 * <p>A design is flattened and becomes two kinds of functions over an array of 64-bit words that holds every net:
 * {@code settle} brings the wires and outputs up to date, {@code edge} takes registers and memories over a clock's edge.
 * {@code Inlining} folds what has one reader into it, {@code UpdateOrder} lets registers be updated in place,
 * {@code Hoisting} takes apart what is wider than 64 bits or too long, {@code ExpressionCode} and {@code BlockWriter} write
 * bytecode in methods that HotSpot compiles (it leaves out those above 8 000 bytes).
 */
package tilewright.sim.rtl.compiled;

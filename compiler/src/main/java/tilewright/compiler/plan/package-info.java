/**
 * Sizes the accelerator for a board, and estimates what it costs and how fast it is.
 *
 * <p>{@link ProgramShape} keeps of a program what cost depends on; {@link CostModel} is a pure function from a shape,
 * sizes and a board to an {@link Estimate}; {@link Planner} searches the sizes under the board's limits. Each unit of the
 * accelerator has one class here that states its cycles and its resources side by side.
 */
package tilewright.compiler.plan;

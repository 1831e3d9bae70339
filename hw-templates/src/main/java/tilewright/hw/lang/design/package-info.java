/**
 * The elaborated design: immutable records that say what hardware an author's description became. Printers, checkers and
 * simulators read these and nothing else.
 *
 * <p>{@link tilewright.hw.lang.design.Design} holds {@link tilewright.hw.lang.design.Module}s; a module holds nets, each
 * with one driver. {@link tilewright.hw.lang.design.Evaluation} defines the value of every expression and
 * {@link tilewright.hw.lang.design.Interpreter} what happens at a clock's edge, both in exact integers and without any
 * hurry; {@link tilewright.hw.lang.design.Design#flat()} is the place to start for something faster.
 */
package tilewright.hw.lang.design;

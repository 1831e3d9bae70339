/**
 * The hardware language: hardware described in plain Java, checked, and printed as SystemVerilog.
 *
 * <pre>{@code
 * final class Counter extends Component {
 *     final Bool enable = in(bool());
 *     final UInt count = out(uint(8));
 *     private final UInt value = reg(uint(8)).init(0);
 *
 *     Counter() {
 *         when(enable, () -> value.assign(value.plusMod(1)));
 *         count.assign(value);
 *     }
 * }
 *
 * Design design = Elaboration.of(Counter::new);
 * String text = SystemVerilog.text(design);
 * }</pre>
 *
 * <p><b>Types and values.</b> {@link tilewright.hw.lang.Hdl} holds the words. {@code uint(8)} is a type; {@code in},
 * {@code out}, {@code wire}, {@code reg} and {@code mem} make hardware of it. {@link tilewright.hw.lang.UInt},
 * {@link tilewright.hw.lang.SInt}, {@link tilewright.hw.lang.Bits}, {@link tilewright.hw.lang.Bool},
 * {@link tilewright.hw.lang.Fix} and {@link tilewright.hw.lang.Enumerated} are single signals;
 * {@link tilewright.hw.lang.Vec} and {@link tilewright.hw.lang.Bundle} are several. Nothing is cut or extended silently:
 * sums and products are exact, {@code plusMod} wraps, {@code low}, {@code extend} and {@code saturate} say what they do.
 *
 * <p><b>Names.</b> Ports, registers, memories and children are called after the Java fields that hold them
 * ({@code pe[3][5]} is {@code pe_3_5}). What has no field is printed in place where it is used once, and otherwise named
 * after what it is for ({@code psum_next}).
 *
 * <p><b>Statements.</b> The last assignment whose conditions hold wins; a wire needs a value on every path, a register
 * holds. A value that is read is the value at the end, wherever in the constructor it is read.
 *
 * <p><b>Mistakes</b> are collected, and told together with the author's file and line, the signal's path and a way out,
 * by {@link tilewright.hw.lang.InvalidDesignException}. {@link tilewright.hw.lang.Phase} lists the steps from classes to a
 * {@link tilewright.hw.lang.design.Design}.
 */
package tilewright.hw.lang;

/**
 * Running designs of the hardware language, clock by clock.
 *
 * <p>{@link tilewright.sim.rtl.Simulation} is one design being run: its ports are set and read by number, its clocks are
 * ticked. {@link tilewright.sim.rtl.Engine} makes it of an elaborated design; there are two, which agree cycle by cycle:
 * {@code compiled.JavaEngine}, which needs nothing but the JDK, and {@code verilator.VerilatorEngine}, which is several
 * times as fast and needs Verilator and a C++ compiler. Test benches are in {@code bench}.
 */
package tilewright.sim.rtl;

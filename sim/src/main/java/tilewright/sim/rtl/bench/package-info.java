/**
 * Test benches in Java: drivers, monitors and memories at the ports of a design that is being run.
 *
 * <pre>{@code
 * Runs.of(design)
 *         .engines(Engines.both())
 *         .seeds(1, 2, 3)
 *         .stalls(Stalls.NONE, Stalls.of(0.25), Stalls.of(0.75))
 *         .run(bench -> {
 *             StreamSource input = bench.source("input");
 *             Scoreboard output = bench.expecting("output");
 *             for (int i = 0; i < 100_000; i++) {
 *                 long x = bench.random().nextInt(256);
 *                 input.offer(x);
 *                 output.expect(model(x));
 *             }
 *             bench.runUntil(output::isDone, 1_000_000);
 *         });
 * }</pre>
 *
 * <p>Several engines run in lockstep, and every output of the design is compared at every cycle. What fails says its seed
 * and leaves a record from which {@code tilewright wave DIR --failing} makes a trace.
 *
 * <p>A word of a stream is an array of {@code long}: the signals of its payload in the order of declaration, each extended
 * to 64 bits with its sign or with zeros; a signal of more than 64 bits takes several, the least significant first.
 */
package tilewright.sim.rtl.bench;

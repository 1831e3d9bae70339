package tilewright.tests;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.concurrent.TimeUnit;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What bounds every product on this machine, in GB/s of memory read and GFLOP/s; JMH's option {@code -t 2} runs it on two
 * threads.
 *
 * <p>On two Zen 4 cores at 3.7 GHz: 28 to 32 GB/s with one thread, 53 with two; 118 GFLOP/s a thread.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 6, time = 1)
@Fork(1)
public class MachineLimitsBenchmark {
    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
    private static final int BYTES = 256 << 20;
    private static final int HUGE_PAGE = 1 << 21;

    private MemorySegment memory;

    /** Memory that every cache is too small for. */
    @Setup
    public void allocate() {
        memory = Arena.ofAuto().allocate(BYTES, HUGE_PAGE);
        memory.fill((byte) 1);
    }

    /** Nanoseconds to read 256 MiB once: 268 435 456 / this = GB/s. */
    @Benchmark
    public IntVector read256MiB() {
        int step = INTS.vectorByteSize();
        IntVector a = IntVector.zero(INTS);
        IntVector b = a;
        IntVector c = a;
        IntVector d = a;
        for (int i = 0; i < BYTES; i += 4 * step) {
            a = a.add(IntVector.fromMemorySegment(INTS, memory, i, ByteOrder.LITTLE_ENDIAN));
            b = b.add(IntVector.fromMemorySegment(INTS, memory, i + step, ByteOrder.LITTLE_ENDIAN));
            c = c.add(IntVector.fromMemorySegment(INTS, memory, i + 2 * step, ByteOrder.LITTLE_ENDIAN));
            d = d.add(IntVector.fromMemorySegment(INTS, memory, i + 3 * step, ByteOrder.LITTLE_ENDIAN));
        }
        return a.add(b).add(c.add(d));
    }

    /** Nanoseconds for a million steps of ten chains of FMAs: 20 000 000 * floats of a vector / this = GFLOP/s. */
    @Benchmark
    public FloatVector millionSteps() {
        FloatVector m = FloatVector.broadcast(FLOATS, 0.999f);
        FloatVector x = FloatVector.broadcast(FLOATS, 0.001f);
        FloatVector a = m;
        FloatVector b = m.mul(2);
        FloatVector c = m.mul(3);
        FloatVector d = m.mul(4);
        FloatVector e = m.mul(5);
        FloatVector f = m.mul(6);
        FloatVector g = m.mul(7);
        FloatVector h = m.mul(8);
        FloatVector i = m.mul(9);
        FloatVector j = m.mul(10);
        for (int step = 0; step < 1_000_000; step++) {
            a = a.fma(m, x);
            b = b.fma(m, x);
            c = c.fma(m, x);
            d = d.fma(m, x);
            e = e.fma(m, x);
            f = f.fma(m, x);
            g = g.fma(m, x);
            h = h.fma(m, x);
            i = i.fma(m, x);
            j = j.fma(m, x);
        }
        return a.add(b).add(c).add(d).add(e).add(f).add(g).add(h).add(i).add(j);
    }
}

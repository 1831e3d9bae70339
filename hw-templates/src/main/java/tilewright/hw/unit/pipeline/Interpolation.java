package tilewright.hw.unit.pipeline;

import static tilewright.hw.lang.Hdl.b;
import static tilewright.hw.lang.Hdl.cat;
import static tilewright.hw.lang.Hdl.rom;
import static tilewright.hw.lang.Hdl.sint;

import java.util.stream.IntStream;
import java.util.stream.LongStream;
import tilewright.hw.lang.Area;
import tilewright.hw.lang.Mem;
import tilewright.hw.lang.SInt;
import tilewright.hw.lang.UInt;

/**
 * A table with linear interpolation between its entries, one value per clock:
 * {@code t[i] + (((t[i + 1] - t[i]) * step + half) >> stepBits)}.
 *
 * <p>One stage reads the entry and the slope, a {@link Product} multiplies, one stage adds.
 */
public final class Interpolation implements Area {
    /** The value, as wide as an entry with its sign. */
    public final SInt value;

    private final Mem<SInt> entries;
    private final Mem<SInt> slopes;
    private final Product product;

    /**
     * The value between two entries.
     *
     * @param table one entry more than the index reaches
     * @param index of {@code indexWidth(table.length - 1)} bits
     * @param step how far towards the next entry, in units of {@code 2^-width}
     */
    public Interpolation(Pipeline line, Multiplier multiplier, int[] table, UInt index, UInt step) {
        int segments = table.length - 1;
        long[] low = IntStream.range(0, segments).mapToLong(i -> table[i]).toArray();
        long[] rise = IntStream.range(0, segments)
                .mapToLong(i -> table[i + 1] - table[i])
                .toArray();
        int bits = width(IntStream.of(table).asLongStream());
        entries = rom(sint(bits), low);
        slopes = rom(sint(width(LongStream.of(rise))), rise);
        SInt entry = entries.read(index, line.moves());
        SInt slope = slopes.read(index, line.moves());
        product = new Product(line, multiplier, slope, line.next(step).toSInt());
        SInt start = cat(line.later(entry, product.latency()), b(1, 1), b(0, step.width() - 1))
                .asSInt();
        value = line.next(start.plusMod(product.value).shr(step.width()));
    }

    /** How many stages later than the index the value is. */
    public int latency() {
        return product.latency() + 2;
    }

    private static int width(LongStream numbers) {
        return numbers.mapToInt(n -> 65 - Long.numberOfLeadingZeros(n < 0 ? ~n : n))
                .max()
                .orElseThrow();
    }
}

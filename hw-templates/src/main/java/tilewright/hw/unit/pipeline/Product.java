package tilewright.hw.unit.pipeline;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import tilewright.hw.lang.Area;
import tilewright.hw.lang.SInt;

/**
 * The exact product of two integers of any width, one per clock, made of the multipliers that a device has: the factors
 * are cut into digits, the products of digits are registered, and added in pairs, one level of the tree per stage.
 */
public final class Product implements Area {
    /** The product, as wide as both factors together. */
    public final SInt value;

    private final List<SInt> parts = new ArrayList<>();
    private final List<SInt> sums = new ArrayList<>();
    private final int latency;

    /** A number times {@code 2^offset}. */
    private record Part(SInt value, int offset) {}

    /** The product of two integers; {@code a} is cut into the wider digits. */
    public Product(Pipeline line, Multiplier multiplier, SInt a, SInt b) {
        List<Part> level = new ArrayList<>();
        for (Part low : digits(b, multiplier.narrowBits())) {
            for (Part high : digits(a, multiplier.wideBits())) {
                SInt part = line.next(high.value.times(low.value));
                parts.add(part);
                level.add(new Part(part, high.offset + low.offset));
            }
        }
        level.sort(Comparator.comparingInt(Part::offset));
        int stages = 1;
        while (level.size() > 1) {
            level = pairs(line, level);
            stages++;
        }
        value = level.getFirst().value.resize(a.width() + b.width());
        latency = stages;
    }

    /** How many stages later than its factors the product is. */
    public int latency() {
        return latency;
    }

    /** A number as digits of {@code bits} bits and a last one with the sign. */
    private static List<Part> digits(SInt number, int bits) {
        List<Part> digits = new ArrayList<>();
        int offset = 0;
        for (; number.width() - offset > bits + 1; offset += bits) {
            digits.add(new Part(number.slice(offset + bits - 1, offset).asUInt().toSInt(), offset));
        }
        digits.add(new Part(number.shr(offset), offset));
        return digits;
    }

    private List<Part> pairs(Pipeline line, List<Part> level) {
        List<Part> next = new ArrayList<>();
        for (int i = 0; i + 1 < level.size(); i += 2) {
            Part a = level.get(i);
            Part b = level.get(i + 1);
            SInt sum = line.next(a.value.plus(b.value.shl(b.offset - a.offset)));
            sums.add(sum);
            next.add(new Part(sum, a.offset));
        }
        if (level.size() % 2 == 1) {
            Part odd = level.getLast();
            next.add(new Part(line.next(odd.value), odd.offset));
        }
        return next;
    }
}

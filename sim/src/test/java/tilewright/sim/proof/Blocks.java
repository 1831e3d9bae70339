package tilewright.sim.proof;

import tilewright.hw.lang.Component;
import tilewright.hw.lang.SInt;
import tilewright.hw.lang.UInt;
import tilewright.hw.lang.stream.Pair;
import tilewright.hw.lang.stream.Stream;
import tilewright.hw.unit.pipeline.Multiplier;
import tilewright.hw.unit.pipeline.Pipeline;
import tilewright.hw.unit.pipeline.Product;
import tilewright.hw.unit.pipeline.RoundingShift;

/** The parts that units are built of, each as a component of its own. */
final class Blocks {
    private Blocks() {}

    /** Integers and natural numbers limited to fewer bits. */
    static final class Saturation extends Component {
        final SInt value;
        final SInt limited;
        final UInt naturalValue;
        final UInt naturalLimited;

        Saturation(int from, int to) {
            value = in(sint(from));
            limited = out(sint(to));
            naturalValue = in(uint(from));
            naturalLimited = out(uint(to));
            limited.assign(value.saturate(to));
            naturalLimited.assign(naturalValue.saturate(to));
        }
    }

    /** What a {@link Rounding} rounds. */
    record Shape(int dividendBits, int amountBits, int least, RoundingShift.Range range, int bits) {
        int resultBits() {
            return range == RoundingShift.Range.SIGNED ? bits : bits + 2;
        }

        int latency() {
            return (amountBits + RoundingShift.BITS_PER_STAGE - 1) / RoundingShift.BITS_PER_STAGE + 2;
        }
    }

    /** A dividend, and by how many bits more than the least it is shifted. */
    static final class Rounding extends Component {
        final Stream<Pair<SInt, UInt>> input;
        final Stream<SInt> output;
        private final Pipeline line;
        private final RoundingShift shift;

        Rounding(Shape shape) {
            input = in(Stream.of(Pair.of(sint(shape.dividendBits), uint(shape.amountBits))));
            output = out(Stream.of(sint(shape.resultBits())));
            line = Pipeline.into(output);
            shift = new RoundingShift(
                    line, input.payload.first, shape.least, input.payload.second, shape.range, shape.bits);
            output.payload.assign(shift.value);
            output.valid.assign(line.from(input, shift.latency()));
        }
    }

    /** The product of two integers, in digits. */
    static final class Multiplication extends Component {
        final Stream<Pair<SInt, SInt>> input;
        final Stream<SInt> output;
        private final Pipeline line;
        private final Product product;

        Multiplication(Multiplier multiplier, int firstBits, int secondBits) {
            input = in(Stream.of(Pair.of(sint(firstBits), sint(secondBits))));
            output = out(Stream.of(sint(firstBits + secondBits)));
            line = Pipeline.into(output);
            product = new Product(line, multiplier, input.payload.first, input.payload.second);
            output.payload.assign(product.value);
            output.valid.assign(line.from(input, product.latency()));
        }
    }
}

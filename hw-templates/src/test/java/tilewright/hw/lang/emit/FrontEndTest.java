package tilewright.hw.lang.emit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tilewright.hw.lang.Bits;
import tilewright.hw.lang.Bool;
import tilewright.hw.lang.Bundle;
import tilewright.hw.lang.ClockDomain;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.Crossing;
import tilewright.hw.lang.Elaboration;
import tilewright.hw.lang.Enumerated;
import tilewright.hw.lang.Fix;
import tilewright.hw.lang.Mem;
import tilewright.hw.lang.SInt;
import tilewright.hw.lang.UInt;
import tilewright.hw.lang.Vec;
import tilewright.hw.lang.axi.Axi4;
import tilewright.hw.lang.axi.Axi4Lite;
import tilewright.hw.lang.axi.Axi4Stream;
import tilewright.hw.lang.design.Design;
import tilewright.hw.lang.primitive.Dsp48;
import tilewright.hw.lang.primitive.Int8Pair;
import tilewright.hw.lang.primitive.Mult18x18d;
import tilewright.hw.lang.primitive.SbMac16;
import tilewright.hw.lang.stream.ClockCrossingFifo;
import tilewright.hw.lang.stream.Last;
import tilewright.hw.lang.stream.Stream;

/** Designs that between them use every construct, held to what three front ends take without a warning. */
@Tag("hardware-tools")
class FrontEndTest {
    @TempDir
    Path folder;

    private void lints(Supplier<? extends Component> top) {
        Tool.need("verilator");
        Tool.need("iverilog");
        Tool.need("yosys");
        Design design = Elaboration.of(top);
        Tool tool = new Tool(folder);
        tool.lint(
                design.top().name(),
                SystemVerilog.write(design, folder.resolve(design.top().name())));
        Path whole = folder.resolve(design.top().name() + ".sv");
        try {
            java.nio.file.Files.writeString(whole, SystemVerilog.text(design));
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        tool.lint(design.top().name(), List.of(whole));
    }

    private enum Mode {
        ADD,
        SUBTRACT,
        SHIFT,
        HOLD,
        CLEAR
    }

    private static final class Arithmetic extends Component {
        final Enumerated<Mode> mode = in(enumOf(Mode.class));
        final UInt a = in(uint(8));
        final UInt b = in(uint(5));
        final SInt c = in(sint(7));
        final Fix f = in(fix(8, 4));
        final Bool flag = in(bool());
        final UInt sum = out(uint(9));
        final SInt difference = out(sint(9));
        final SInt product = out(sint(14));
        final UInt least = out(uint(8));
        final Bits shifted = out(bits(8));
        final SInt arithmetic = out(sint(7));
        final Bool flags = out(bool());
        final SInt saturated = out(sint(4));
        final UInt clamped = out(uint(4));
        final Fix rounded = out(fix(7, 2));
        final UInt magnitude = out(uint(7));
        final UInt state = out(uint(8));
        final Bits oneBit = out(bits(1));
        private final UInt held = reg(uint(8), 3);

        Arithmetic() {
            sum.assign(a.plus(b));
            difference.assign(a.minus(b));
            product.assign(c.times(c.plusMod(1)));
            least.assign(a.min(b));
            shifted.assign(a.asBits().shr(b.low(3)).xor(a.shl(b.low(2)).asBits()));
            arithmetic.assign(c.shr(b.low(3)));
            flags.assign(a.any()
                    .and(b.all())
                    .or(a.parity())
                    .xor(a.lt(b))
                    .or(c.ge(-3))
                    .and(c.lt(c.negate()))
                    .or(flag.not())
                    .or(a.bit(b.low(4)))
                    .or(a.ge(0))
                    .or(f.lt(f.times(f))));
            saturated.assign(c.times(c).saturate(4));
            clamped.assign(c.saturateUnsigned(4));
            rounded.assign(f.round(2));
            magnitude.assign(c.abs());
            oneBit.assign(a.slice(3, 3));
            switchOn(mode)
                    .is(Mode.ADD, () -> held.assign(held.plusMod(a)))
                    .is(Mode.SUBTRACT, () -> held.assign(held.minusMod(b)))
                    .in(
                            List.of(Mode.SHIFT, Mode.HOLD),
                            () -> when(flag, () -> held.assign(held.shl(1).low(8))))
                    .is(Mode.CLEAR, () -> clear(held));
            state.assign(held);
        }
    }

    private static final class Pixel extends Bundle {
        final UInt red = field(uint(5));
        final SInt green = field(sint(6));
        final Bool valid = field(bool());
    }

    private static final class Memories extends Component {
        final UInt address = in(uint(5));
        final UInt other = in(uint(5));
        final Bool write = in(bool());
        final Pixel pixel = in(Pixel::new);
        final Bits lanes = in(bits(3));
        final Pixel stored = out(Pixel::new);
        final Pixel now = out(Pixel::new);
        final SInt constant = out(sint(6));
        final UInt element = out(uint(6));
        final Vec<UInt> vector = reg(vec(5, uint(6)), 0);
        final Vec<UInt> shown = out(vec(5, uint(6)));
        final Mem<Pixel> pixels = mem(20, Pixel::new);
        final Mem<Pixel> masked = mem(32, Pixel::new);
        final Mem<Pixel> both = mem(32, Pixel::new).dualPort();
        final Pixel fromBoth = out(Pixel::new);
        final Mem<SInt> rom = rom(sint(6), -32, -1, 0, 1, 31, 7, 8, 9, -9);

        Memories() {
            pixels.write(address, pixel, write);
            assign(stored, pixels.read(other, write.not()));
            masked.writeMasked(address, pixel, write, lanes);
            assign(now, masked.readAsync(other));
            when(write, () -> both.write(address, pixel));
            both.write(other, pixel, write.not());
            assign(fromBoth, both.read(address));
            constant.assign(rom.read(address.low(4)));
            element.assign(vector.get(address.low(3)));
            vector.set(other.low(3), address.extend(6));
            shown.assign(vector);
            assertThat(address.ne(31), "address 31 is never used, 100 %");
        }
    }

    private static final class Streams extends Component {
        final Stream<UInt> words = in(Stream.of(uint(8)));
        final Stream<UInt> others = in(Stream.of(uint(8)));
        final Stream<UInt> first = out(Stream.of(uint(8)));
        final Stream<Last<Vec<UInt>>> second = out(Stream.of(Last.of(vec(3, uint(9)))));

        Streams() {
            List<Stream<UInt>> branches = words.skid().fork(2);
            first.assign(Stream.narrow(branches.get(0).fifo(100).widen(4)).halfStage());
            List<Stream<UInt>> apart = branches.get(1).filter(w -> w.ne(5)).demux(3, w -> w.low(2));
            second.assign(Stream.arbitrate(apart)
                    .stage()
                    .join(others.fifo(3))
                    .map(p -> p.first.plus(p.second))
                    .widen(3)
                    .last(7));
        }
    }

    private static final class Clocks extends Component {
        final ClockDomain fast = ClockDomain.of("fast");
        final ClockDomain slow = ClockDomain.withAsynchronousReset("slow");
        final Bool button = in(bool());
        final Stream<UInt> words = clockedBy(fast, () -> in(Stream.of(uint(8))));
        final Stream<UInt> result = clockedBy(slow, () -> out(Stream.of(uint(8))));
        final UInt presses = out(uint(4));
        final UInt pressesSeen = clockedBy(slow, () -> out(uint(4)));
        private final UInt count = reg(uint(4), 0);

        Clocks() {
            Bool pressed = Crossing.synchronise(button).rises();
            when(pressed, () -> count.assign(count.plusMod(1)));
            presses.assign(count);
            ClockCrossingFifo<UInt> fifo = child(() -> new ClockCrossingFifo<>(uint(8), 4, fast, slow));
            fifo.input.assign(words);
            result.assign(clockedBy(slow, () -> fifo.output.stage()));
            ClockDomain own = currentClock();
            clockedBy(slow, () -> {
                UInt seen = reg(uint(4), 0);
                when(Crossing.pulse(pressed, own), () -> seen.assign(seen.plusMod(1)));
                pressesSeen.assign(seen);
                assertThat(seen.ne(15), "no more than 14 presses");
            });
        }
    }

    private static final class Axi extends Component {
        final Axi4Lite control = in(Axi4Lite.of(12, 32));
        final Axi4 memory = out(Axi4.of(32, 64, 2));
        final Axi4Stream video = out(Axi4Stream.of(64));

        Axi() {
            control.w().map(w -> w.second).halfStage().ready.assign(true);
            Stream<UInt> writes = control.aw().stage();
            control.b().assign(writes.map(a -> a.low(2)));
            memory.aw().valid.assign(false);
            clear(memory.aw().payload);
            memory.w().valid.assign(false);
            clear(memory.w().payload);
            memory.b().ready.assign(true);
            Stream<UInt> reads = control.ar();
            memory.ar().assign(reads.map(a -> {
                Axi4.Address burst = wire(Axi4.Address.of(memory.shape()));
                burst.id.assign(1);
                burst.addr.assign(a.extend(32));
                burst.len.assign(15);
                burst.size.assign(3);
                burst.burst.assign(Axi4.BURST_INCREASING);
                return burst;
            }));
            List<Stream<Axi4.ReadData>> words = memory.r().fork(2);
            video.stream().assign(words.get(0).map(r -> view(Last.of(bits(64)), List.of(r.data, r.last))));
            control.r()
                    .assign(words.get(1)
                            .map(r -> view(
                                    tilewright.hw.lang.stream.Pair.of(bits(32), uint(2)),
                                    List.of(r.data.low(32), r.resp))));
        }
    }

    private static final class Blocks extends Component {
        final SInt a = in(sint(8));
        final SInt b = in(sint(8));
        final Bool go = in(bool());
        final SInt p = out(sint(48));
        private final Dsp48 lower = child(() -> new Dsp48(Dsp48.Family.DSP48E2, Dsp48.Sum.NONE, true));
        private final Dsp48 upper = child(() -> new Dsp48(Dsp48.Family.DSP48E2, Dsp48.Sum.CASCADE, false));
        private final Int8Pair pair = child(() -> new Int8Pair(Dsp48.Sum.ACCUMULATE, false));
        private final Mult18x18d multiplier = child(Mult18x18d::new);
        private final SbMac16 mac = child(SbMac16::new);

        Blocks() {
            for (Dsp48 dsp : List.of(lower, upper)) {
                dsp.a.assign(a.extend(27));
                dsp.b.assign(b.extend(18));
                dsp.enable.assign(go);
            }
            upper.cascade.assign(lower.cascadeOut);
            pair.w0.assign(a);
            pair.w1.assign(b);
            pair.x.assign(a);
            pair.load.assign(go);
            pair.enable.assign(true);
            pair.restart.assign(go);
            multiplier.a.assign(a.extend(18));
            multiplier.b.assign(b.extend(18));
            multiplier.enable.assign(true);
            mac.a.assign(a.extend(16));
            mac.b.assign(b.extend(16));
            mac.enable.assign(true);
            mac.clear.assign(go);
            p.assign(upper.p
                    .xor(Int8Pair.high(pair.p, 20).extend(48))
                    .xor(multiplier.p.extend(48))
                    .xor(mac.p.extend(48)));
        }
    }

    @Test
    void arithmeticOfAllTypesLints() {
        lints(Arithmetic::new);
    }

    @Test
    void memoriesAndVectorsLint() {
        lints(Memories::new);
    }

    @Test
    void streamsLint() {
        lints(Streams::new);
    }

    @Test
    void severalClocksLint() {
        lints(Clocks::new);
    }

    @Test
    void axiPortsLint() {
        lints(Axi::new);
    }

    @Test
    void primitivesLint() {
        lints(Blocks::new);
    }

    @Test
    void theSameDesignGivesTheSameText() {
        for (Supplier<Component> top :
                List.<Supplier<Component>>of(Arithmetic::new, Memories::new, Streams::new, Clocks::new, Axi::new)) {
            assertEquals(SystemVerilog.text(Elaboration.of(top)), SystemVerilog.text(Elaboration.of(top)));
        }
    }
}

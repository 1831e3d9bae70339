package tilewright.sim.rtl;

import tilewright.hw.lang.Bool;
import tilewright.hw.lang.ClockDomain;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.Crossing;
import tilewright.hw.lang.UInt;
import tilewright.hw.lang.stream.ClockCrossingFifo;
import tilewright.hw.lang.stream.Stream;

/** Words and pulses from one clock into another, and words back. */
final class Crossings extends Component {
    final Stream<UInt> there;
    final Stream<UInt> thereSeen;
    final Stream<UInt> back;
    final Stream<UInt> backSeen;
    final Bool strobe;
    /** The pulses that the reader has seen. */
    final UInt pulses;

    private final ClockCrossingFifo<UInt> forth;
    private final ClockCrossingFifo<UInt> home;
    private final UInt count;

    Crossings(int depth) {
        ClockDomain writer = ClockDomain.of("writer");
        ClockDomain reader = ClockDomain.of("reader");
        there = clockedBy(writer, () -> in(Stream.of(uint(40))));
        thereSeen = clockedBy(reader, () -> out(Stream.of(uint(40))));
        back = clockedBy(reader, () -> in(Stream.of(uint(7))));
        backSeen = clockedBy(writer, () -> out(Stream.of(uint(7))));
        strobe = clockedBy(writer, () -> in(bool()));
        pulses = clockedBy(reader, () -> out(uint(16)));
        forth = child(() -> new ClockCrossingFifo<>(uint(40), depth, writer, reader));
        home = child(() -> new ClockCrossingFifo<>(uint(7), depth, reader, writer));
        forth.input.assign(there);
        thereSeen.assign(forth.output);
        home.input.assign(back);
        backSeen.assign(home.output);
        count = clockedBy(reader, () -> reg(uint(16), 0));
        clockedBy(reader, () -> {
            Bool seen = Crossing.pulse(strobe, writer);
            when(seen, () -> count.assign(count.plusMod(1)));
        });
        pulses.assign(count);
    }
}

package tilewright.sim.bus;

import tilewright.hw.lang.Bool;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.UInt;
import tilewright.hw.lang.axi.Axi4;
import tilewright.hw.lang.stream.Stream;

/**
 * Cuts runs into bursts of at most {@value #LONGEST} words, none of which crosses a boundary of 4 KiB. Latency 1, a burst at
 * every clock, a clock between runs.
 */
final class Bursts extends Component {
    static final int LONGEST = 16;
    private static final int PAGE_WORDS = 512;

    final Stream<Run> runs = in(Stream.of(Run::new));
    final Stream<Axi4.Address> bursts;
    final Bool idle = out(bool());
    private final UInt address = reg(uint(32));
    private final UInt left = reg(uint(16), 0);

    Bursts(Axi4.Shape shape, int id) {
        bursts = out(Stream.of(Axi4.Address.of(shape)));
        UInt toBoundary =
                u(PAGE_WORDS, 10).minusMod(address.slice(11, 3).asUInt().extend(10));
        UInt words = left.min(toBoundary.min(u(LONGEST))).low(5).named("words");
        idle.assign(left.eq(0));
        runs.ready.assign(idle);
        bursts.valid.assign(idle.not());
        bursts.payload.id.assign(u(id, shape.idBits()));
        bursts.payload.addr.assign(address);
        bursts.payload.len.assign(words.minusMod(1).extend(8));
        bursts.payload.size.assign(u(3, 3));
        bursts.payload.burst.assign(u(Axi4.BURST_INCREASING, 2));
        when(runs.fires(), () -> {
                    address.assign(runs.payload.address);
                    left.assign(runs.payload.words);
                })
                .elseWhen(bursts.fires(), () -> {
                    address.assign(address.plusMod(words.shl(3).extend(32)));
                    left.assign(left.minusMod(words.extend(16)));
                });
    }
}

package tilewright.hw.lang.mustfail;

import tilewright.hw.lang.Component;
import tilewright.hw.lang.UInt;
import tilewright.hw.lang.stream.Stream;

/** Streams whose valid waits for their ready. */
final class Handshakes {
    private Handshakes() {}

    @Fails("HERE: ValidWaitsForReady.result: valid depends on ready: result_ready -> result_valid; offer "
            + "the word whether or not it is taken, or put stage() before")
    static final class ValidWaitsForReady extends Component {
        final Stream<UInt> words = in(Stream.of(uint(8)));
        final Stream<UInt> result = out(Stream.of(uint(8))); // here

        ValidWaitsForReady() {
            result.valid.assign(words.valid.and(result.ready));
            result.payload.assign(words.payload);
            words.ready.assign(result.ready);
        }
    }

    static final class Gate extends Component {
        final UInt open = in(uint(1));
        final Stream<UInt> words = in(Stream.of(uint(8)));
        final Stream<UInt> result = out(Stream.of(uint(8)));

        Gate() {
            result.valid.assign(words.valid.and(open.bit(0)));
            result.payload.assign(words.payload);
            words.ready.assign(result.ready.and(open.bit(0)));
        }
    }

    @Fails("HERE: ThroughAChild.result: valid depends on ready: result_ready -> gate.result_valid -> "
            + "result_valid; offer the word whether or not it is taken, or put stage() before")
    static final class ThroughAChild extends Component {
        final Stream<UInt> words = in(Stream.of(uint(8)));
        final Stream<UInt> result = out(Stream.of(uint(8))); // here
        private final Gate gate = child(Gate::new);

        ThroughAChild() {
            gate.open.assign(result.ready.asUInt());
            gate.words.assign(words);
            result.assign(gate.result);
        }
    }
}

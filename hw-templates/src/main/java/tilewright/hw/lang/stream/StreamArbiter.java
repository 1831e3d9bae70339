package tilewright.hw.lang.stream;

import java.util.ArrayList;
import java.util.List;
import tilewright.hw.lang.Bool;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.Data;
import tilewright.hw.lang.Type;
import tilewright.hw.lang.UInt;
import tilewright.hw.lang.Vec;

/**
 * Passes the words of several streams into one; a word that is offered stays offered until it is taken. Latency 0, a word
 * at every clock.
 */
public final class StreamArbiter<T extends Data> extends Component {
    /** Whose word passes where several are offered. */
    public enum Order {
        /** That of the next stream in turn after the one that passed last. */
        ROUND_ROBIN,
        /** That of the first stream. */
        FIRST_BEFORE_OTHERS
    }

    /** Words in. */
    public final Vec<Stream<T>> inputs;
    /** Words out. */
    public final Stream<T> output;
    /** The number of the stream whose word is offered. */
    public final UInt chosen;

    private final Bool locked;
    private final UInt lockedChoice;

    /** An arbiter of {@code count} streams. */
    public StreamArbiter(Type<T> word, int count, Order order) {
        inputs = in(vec(count, Stream.of(word)));
        output = out(Stream.of(word));
        chosen = out(uint(indexWidth(count)));
        locked = reg(bool(), 0);
        lockedChoice = reg(uint(indexWidth(count)), 0);

        List<Bool> offers = new ArrayList<>();
        inputs.forEach(input -> offers.add(input.valid));
        UInt free = first(offers);
        if (order == Order.ROUND_ROBIN) {
            List<Bool> later = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                later.add(i == 0 ? bool(false) : offers.get(i).and(lockedChoice.lt(i)));
            }
            free = mux(anyOf(later), first(later), free);
        }
        UInt choice = mux(locked, lockedChoice, free).named("choice");
        chosen.assign(choice);
        output.valid.assign(anyOf(offers));
        assign(output.payload, inputs.map(input -> input.payload).get(choice));
        for (int i = 0; i < count; i++) {
            inputs.get(i).ready.assign(output.ready.and(choice.eq(i)));
        }
        // While a word waits its stream keeps the turn; afterwards the register says who had it last.
        when(output.valid, () -> {
            lockedChoice.assign(choice);
            locked.assign(output.ready.not());
        });
    }

    /** Connects the inputs; gives the output. */
    Stream<T> connect(List<Stream<T>> streams) {
        for (int i = 0; i < streams.size(); i++) {
            inputs.get(i).assign(streams.get(i));
        }
        return output;
    }

    /** The number of the first that holds; the last one's where none does. */
    private UInt first(List<Bool> values) {
        UInt result = u(values.size() - 1, chosen.width());
        for (int i = values.size() - 2; i >= 0; i--) {
            result = mux(values.get(i), u(i, chosen.width()), result);
        }
        return result;
    }
}

package tilewright.hw.lang.stream;

import static tilewright.hw.lang.Hdl.child;
import static tilewright.hw.lang.Hdl.nameAfter;
import static tilewright.hw.lang.Hdl.reg;
import static tilewright.hw.lang.Hdl.typeOf;
import static tilewright.hw.lang.Hdl.unconditionally;
import static tilewright.hw.lang.Hdl.when;
import static tilewright.hw.lang.Hdl.wire;

import java.util.List;
import java.util.function.Function;
import tilewright.hw.lang.Bool;
import tilewright.hw.lang.Bundle;
import tilewright.hw.lang.Data;
import tilewright.hw.lang.Hdl;
import tilewright.hw.lang.ReadyValid;
import tilewright.hw.lang.Type;
import tilewright.hw.lang.UInt;

/**
 * Words with a handshake: one passes at each clock at which {@code valid} and {@code ready} both hold. A word that is
 * offered stays, unchanged, until it is taken; {@code valid} never waits for {@code ready}.
 *
 * <p>Each method consumes the stream, drives its {@code ready}, and gives a new stream; a stream can be consumed once.
 * Latencies are in clocks; all but {@link #halfStage} can pass a word at every clock.
 */
public final class Stream<T extends Data> extends Bundle implements ReadyValid {
    /** Whether a word is offered. */
    public final Bool valid = field(bool());
    /** Whether the word would be taken. */
    public final Bool ready = back(bool());
    /** The word. */
    public final T payload;

    private Stream(Type<T> word) {
        payload = field(word);
    }

    /** The type of streams of a word: {@code in(Stream.of(uint(8)))}. */
    public static <T extends Data> Type<Stream<T>> of(Type<T> word) {
        return () -> new Stream<>(word);
    }

    /** The stream that signals which exist already form. */
    public static <T extends Data> Stream<T> view(Bool valid, Bool ready, T payload) {
        return Hdl.view(of(typeOf(payload)), List.of(valid, ready, payload));
    }

    /** A stream, to be driven, next to this one: its nets are called after this one's. */
    <R extends Data> Stream<R> next(Type<R> word, String suffix) {
        Stream<R> result = wire(of(word));
        nameAfter(result, valid, "_valid", suffix);
        return result;
    }

    /** The type of the word. */
    public Type<T> word() {
        return typeOf(payload);
    }

    @Override
    public Bool validSignal() {
        return valid;
    }

    @Override
    public Bool readySignal() {
        return ready;
    }

    @Override
    public Data payloadSignal() {
        return payload;
    }

    /** Whether a word passes at this clock. */
    public Bool fires() {
        return valid.and(ready);
    }

    /** Lets this stream be what the other is. */
    public void assign(Stream<T> source) {
        Hdl.assign(this, source);
    }

    /** Each word changed; latency 0. */
    public <R extends Data> Stream<R> map(Function<T, R> function) {
        return unconditionally(() -> {
            R changed = function.apply(payload);
            Stream<R> result = next(typeOf(changed), "_mapped");
            result.valid.assign(valid);
            Hdl.assign(result.payload, changed);
            ready.assign(result.ready);
            return result;
        });
    }

    /** Only the words for which the function holds; latency 0. */
    public Stream<T> filter(Function<T, Bool> keep) {
        return unconditionally(() -> {
            Bool kept = keep.apply(payload);
            Stream<T> result = next(word(), "_filtered");
            result.valid.assign(valid.and(kept));
            Hdl.assign(result.payload, payload);
            ready.assign(result.ready.or(kept.not()));
            return result;
        });
    }

    /** Valid and word through registers, ready straight through; latency 1. */
    public Stream<T> stage() {
        return unconditionally(() -> {
            Stream<T> result = next(word(), "_stage");
            Bool full = reg(bool(), 0);
            T held = reg(word());
            nameAfter(full, valid, "_valid", "_held_valid");
            nameAfter(held, valid, "_valid", "_held");
            Bool takes = result.ready.or(full.not());
            ready.assign(takes);
            when(takes, () -> {
                full.assign(valid);
                Hdl.assign(held, payload);
            });
            result.valid.assign(full);
            Hdl.assign(result.payload, held);
            return result;
        });
    }

    /** Valid, word and ready through registers, with one set of registers: a word at every other clock; latency 1. */
    public Stream<T> halfStage() {
        return unconditionally(() -> {
            Stream<T> result = next(word(), "_half");
            Bool full = reg(bool(), 0);
            T held = reg(word());
            nameAfter(full, valid, "_valid", "_held_valid");
            nameAfter(held, valid, "_valid", "_held");
            ready.assign(full.not());
            when(full, () -> full.assign(result.ready.not())).otherwise(() -> {
                full.assign(valid);
                Hdl.assign(held, payload);
            });
            result.valid.assign(full);
            Hdl.assign(result.payload, held);
            return result;
        });
    }

    /** Ready through a register, valid and word straight through unless a word waits (a skid buffer); latency 0. */
    public Stream<T> skid() {
        return unconditionally(() -> {
            Stream<T> result = next(word(), "_skid");
            Bool full = reg(bool(), 0);
            T held = reg(word());
            nameAfter(full, valid, "_valid", "_waiting_valid");
            nameAfter(held, valid, "_valid", "_waiting");
            ready.assign(full.not());
            result.valid.assign(valid.or(full));
            Hdl.assign(result.payload, Hdl.mux(full, held, payload));
            when(full, () -> full.assign(result.ready.not())).otherwise(() -> {
                full.assign(valid.and(result.ready.not()));
                Hdl.assign(held, payload);
            });
            return result;
        });
    }

    /** Through a queue of {@code depth} words; see {@link StreamFifo} for its latency. */
    public Stream<T> fifo(int depth) {
        return unconditionally(() -> {
            StreamFifo<T> fifo = child(() -> new StreamFifo<>(word(), depth), valid, "_valid", "_fifo");
            fifo.input.assign(this);
            return fifo.output;
        });
    }

    /** Every word to each of {@code count} streams, which may take it at different clocks; latency 0. */
    public List<Stream<T>> fork(int count) {
        return unconditionally(() -> Routing.fork(this, count));
    }

    /** Words of both streams in pairs; latency 0. */
    public <R extends Data> Stream<Pair<T, R>> join(Stream<R> other) {
        return unconditionally(() -> Routing.join(this, other));
    }

    /** Each word to the stream of {@code count} whose number the function gives; a number past the end drops the word. */
    public List<Stream<T>> demux(int count, Function<T, UInt> number) {
        return unconditionally(() -> Routing.demux(this, number.apply(payload), count));
    }

    /** The words of several streams, in turn among those that offer one; latency 0. */
    public static <T extends Data> Stream<T> arbitrate(List<Stream<T>> streams) {
        return unconditionally(() -> {
            StreamArbiter<T> arbiter = child(() ->
                    new StreamArbiter<>(streams.getFirst().word(), streams.size(), StreamArbiter.Order.ROUND_ROBIN));
            return arbiter.connect(streams);
        });
    }

    /** The words of several streams, the first one's before the others'; latency 0. */
    public static <T extends Data> Stream<T> prioritise(List<Stream<T>> streams) {
        return unconditionally(() -> {
            StreamArbiter<T> arbiter = child(() -> new StreamArbiter<>(
                    streams.getFirst().word(), streams.size(), StreamArbiter.Order.FIRST_BEFORE_OTHERS));
            return arbiter.connect(streams);
        });
    }

    /** Each {@code count} words as one vector, the first in element 0; latency 1 after the last of them. */
    public Stream<tilewright.hw.lang.Vec<T>> widen(int count) {
        return unconditionally(() -> {
            StreamWidener<T> widener = child(() -> new StreamWidener<>(word(), count), valid, "_valid", "_widener");
            widener.input.assign(this);
            return widener.output;
        });
    }

    /** The elements of each vector one by one, element 0 first; latency 0. */
    public static <T extends Data> Stream<T> narrow(Stream<tilewright.hw.lang.Vec<T>> vectors) {
        return unconditionally(() -> {
            int count = vectors.payload.size();
            Type<T> element = typeOf(vectors.payload.get(0));
            StreamNarrower<T> narrower =
                    child(() -> new StreamNarrower<>(element, count), vectors.valid, "_valid", "_narrower");
            narrower.input.assign(vectors);
            return narrower.output;
        });
    }

    /** The words with a mark on each {@code count}th; latency 0. */
    public Stream<Last<T>> last(int count) {
        return unconditionally(() -> Routing.last(this, count));
    }

    /** The words without their marks; latency 0. */
    public static <T extends Data> Stream<T> withoutLast(Stream<Last<T>> packets) {
        return packets.map(word -> word.value);
    }
}

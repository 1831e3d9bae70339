package tilewright.hw.lang.stream;

import static tilewright.hw.lang.Hdl.allOf;
import static tilewright.hw.lang.Hdl.anyOf;
import static tilewright.hw.lang.Hdl.bool;
import static tilewright.hw.lang.Hdl.indexWidth;
import static tilewright.hw.lang.Hdl.nameAfter;
import static tilewright.hw.lang.Hdl.reg;
import static tilewright.hw.lang.Hdl.uint;
import static tilewright.hw.lang.Hdl.when;

import java.util.ArrayList;
import java.util.List;
import tilewright.hw.lang.Bool;
import tilewright.hw.lang.Data;
import tilewright.hw.lang.Hdl;
import tilewright.hw.lang.UInt;

/** The combinators that give or take several streams. */
final class Routing {
    private Routing() {}

    /** A branch that has taken the word waits for the others; so no branch's valid depends on another's ready. */
    static <T extends Data> List<Stream<T>> fork(Stream<T> source, int count) {
        List<Stream<T>> branches = new ArrayList<>();
        List<Bool> taken = new ArrayList<>();
        List<Bool> satisfied = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Stream<T> branch = source.next(source.word(), "_branch" + i);
            Bool done = reg(bool(), 0);
            nameAfter(done, source.valid, "_valid", "_taken" + i);
            branch.valid.assign(source.valid.and(done.not()));
            Hdl.assign(branch.payload, source.payload);
            branches.add(branch);
            taken.add(done);
            satisfied.add(branch.ready.or(done));
        }
        Bool all = allOf(satisfied);
        source.ready.assign(all);
        for (int i = 0; i < count; i++) {
            taken.get(i).assign(source.valid.and(all.not()).and(satisfied.get(i)));
        }
        return branches;
    }

    static <A extends Data, B extends Data> Stream<Pair<A, B>> join(Stream<A> a, Stream<B> b) {
        Stream<Pair<A, B>> result = a.next(Pair.of(a.word(), b.word()), "_joined");
        result.valid.assign(a.valid.and(b.valid));
        Hdl.assign(result.payload.first, a.payload);
        Hdl.assign(result.payload.second, b.payload);
        a.ready.assign(result.ready.and(b.valid));
        b.ready.assign(result.ready.and(a.valid));
        return result;
    }

    static <T extends Data> List<Stream<T>> demux(Stream<T> source, UInt number, int count) {
        List<Stream<T>> branches = new ArrayList<>();
        List<Bool> takers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Stream<T> branch = source.next(source.word(), "_branch" + i);
            Bool chosen = number.width() < indexWidth(i + 1) ? bool(false) : number.eq(i);
            branch.valid.assign(source.valid.and(chosen));
            Hdl.assign(branch.payload, source.payload);
            branches.add(branch);
            takers.add(chosen.and(branch.ready));
        }
        boolean complete = number.width() < 31 && 1 << number.width() <= count;
        Bool beyond = complete ? bool(false) : number.ge(Hdl.u(count));
        source.ready.assign(anyOf(takers).or(beyond));
        return branches;
    }

    static <T extends Data> Stream<Last<T>> last(Stream<T> source, int count) {
        Stream<Last<T>> result = source.next(Last.of(source.word()), "_marked");
        result.valid.assign(source.valid);
        Hdl.assign(result.payload.value, source.payload);
        source.ready.assign(result.ready);
        if (count == 1) {
            result.payload.last.assign(true);
            return result;
        }
        UInt index = reg(uint(indexWidth(count)), 0);
        nameAfter(index, source.valid, "_valid", "_index");
        Bool isLast = index.eq(count - 1);
        result.payload.last.assign(isLast);
        when(result.fires(), () -> when(isLast, () -> index.assign(0)).otherwise(() -> index.assign(index.plusMod(1))));
        return result;
    }
}

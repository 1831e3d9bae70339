package tilewright.hw.unit.routing;

import java.util.List;
import tilewright.hw.lang.Bool;
import tilewright.hw.lang.Bundle;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.Mem;
import tilewright.hw.lang.UInt;
import tilewright.hw.lang.stream.Last;
import tilewright.hw.lang.stream.Stream;
import tilewright.hw.unit.pipeline.Pipeline;

/**
 * Collects the tokens of each expert: takes the routes of a batch, one per clock, then lists the experts that have any,
 * in ascending order, and gives each one's tokens in the order in which they came, one per clock.
 *
 * <p>The queues are linked lists through one memory of as many slots as there are routes, whatever the number of
 * experts. The list of experts runs ahead of the tokens, so that weights can be fetched; the first token follows the
 * last route by 4 clocks and one for each expert before the first that has any. The next batch is taken once the last
 * token is under way.
 */
public final class Dispatcher extends Component {
    /** The routes of the batch's tokens in their order, the last one of each token marked. */
    public final Stream<Last<Route>> routes;
    /** How many tokens the batch has; held until its last token is out. */
    public final UInt batch;
    /** The experts that have tokens, the last one marked. */
    public final Stream<Last<Queue>> experts;
    /** Their tokens, the last one of each expert marked. */
    public final Stream<Last<Visit>> visits;

    private final Mem<UInt> lengths;
    private final Mem<UInt> heads;
    private final Mem<UInt> tails;
    private final Mem<UInt> links;
    private final Mem<Visit> slots;
    private final Bool draining;
    private final UInt slot;
    private final UInt token;
    private final UInt occupied;
    private final UInt listed;
    private final UInt scanned;
    private final Stream<Found> found;
    private final Pipeline walk;
    private final UInt place;
    private final UInt link;

    /**
     * The greatest batch.
     *
     * @param experts how many there are
     * @param tokens the most in a batch
     * @param topK the most routes of a token
     * @param probabilityBits of a route
     */
    public record Capacity(int experts, int tokens, int topK, int probabilityBits) {}

    /** An expert with tokens. */
    public static final class Queue extends Bundle {
        /** The expert's number. */
        public final UInt expert;
        /** How many tokens it has. */
        public final UInt length;

        private Queue(Capacity capacity) {
            expert = field(uint(indexWidth(capacity.experts)));
            length = field(uint(bitsFor(capacity.tokens)));
        }
    }

    /** A token at an expert. */
    public static final class Visit extends Bundle {
        /** The token's place in the batch. */
        public final UInt token;
        /** The weight of what the expert makes of it. */
        public final UInt probability;

        private Visit(Capacity capacity) {
            token = field(uint(indexWidth(capacity.tokens)));
            probability = field(uint(capacity.probabilityBits));
        }
    }

    /** A queue with its first slot. */
    private static final class Found extends Bundle {
        final Last<Queue> queue;
        final UInt head;

        Found(Capacity capacity, int slotBits) {
            queue = field(Last.of(() -> new Queue(capacity)));
            head = field(uint(slotBits));
        }
    }

    /** An empty dispatcher. */
    public Dispatcher(Capacity capacity) {
        int expertBits = indexWidth(capacity.experts);
        int slotBits = indexWidth(capacity.tokens * capacity.topK);
        int lengthBits = bitsFor(capacity.tokens);
        routes = in(Stream.of(Last.of(Route.of(expertBits, capacity.probabilityBits))));
        batch = in(uint(lengthBits));
        experts = out(Stream.of(Last.of(() -> new Queue(capacity))));
        visits = out(Stream.of(Last.of(() -> new Visit(capacity))));
        lengths = mem(capacity.experts, uint(lengthBits));
        heads = mem(capacity.experts, uint(slotBits));
        tails = mem(capacity.experts, uint(slotBits));
        links = mem(capacity.tokens * capacity.topK, uint(slotBits));
        slots = mem(capacity.tokens * capacity.topK, () -> new Visit(capacity));
        draining = reg(bool(), 0);
        slot = reg(uint(slotBits), 0);
        token = reg(uint(indexWidth(capacity.tokens)), 0);
        occupied = reg(uint(bitsFor(capacity.experts)), 0);
        listed = reg(uint(bitsFor(capacity.experts)), 0);
        scanned = reg(uint(expertBits), 0);
        found = wire(Stream.of(() -> new Found(capacity, slotBits)));
        walk = Pipeline.into(visits);
        place = reg(uint(lengthBits), 0);
        link = wire(uint(slotBits));

        UInt expert = mux(draining, scanned, routes.payload.value.expert);
        UInt length = lengths.readAsync(expert);
        Bool isEmpty = length.eq(0);
        UInt written = mux(draining, u(0, lengthBits), length.plusMod(1));
        lengths.write(expert, written, routes.fires().or(found.fires()));
        fill(expert, isEmpty);
        list(expert, length, isEmpty);
        List<Stream<Found>> both = found.stage().fork(2);
        experts.assign(both.getFirst().map(f -> f.queue));
        drain(both.getLast().fifo(capacity.experts));
    }

    /** Appends a route to its expert's queue. */
    private void fill(UInt expert, Bool isEmpty) {
        Route route = routes.payload.value;
        routes.ready.assign(draining.not());
        when(routes.fires(), () -> {
            assertThat(expert.lt(u(lengths.depth())), "a route leads past the last expert");
            tails.write(expert, slot);
            when(isEmpty, () -> {
                        heads.write(expert, slot);
                        occupied.assign(occupied.plusMod(1));
                    })
                    .otherwise(() -> links.write(tails.readAsync(expert), slot));
            slots.write(slot, view(typeOf(visits.payload.value), List.of(token, route.probability)));
            slot.assign(slot.plusMod(1));
            when(routes.payload.last, () -> {
                token.assign(token.plusMod(1));
                draining.assign(batch.eq(token.plus(1).resize(batch.width())));
            });
        });
    }

    /** Looks at one expert per clock, and empties its queue's length. */
    private void list(UInt expert, UInt length, Bool isEmpty) {
        Bool looks = draining.and(listed.ne(occupied));
        UInt next = listed.plusMod(1);
        found.valid.assign(looks.and(isEmpty.not()));
        found.payload.queue.value.expert.assign(expert);
        found.payload.queue.value.length.assign(length);
        found.payload.queue.last.assign(next.eq(occupied));
        found.payload.head.assign(heads.readAsync(expert));
        when(looks.and(isEmpty.or(found.ready)), () -> scanned.assign(scanned.plusMod(1)));
        when(found.fires(), () -> listed.assign(next));
    }

    /** Follows the links of each queue. */
    private void drain(Stream<Found> queues) {
        Found queue = queues.payload;
        UInt at = mux(place.eq(0), queue.head, link);
        link.assign(links.read(at, walk.moves().and(queues.valid)));
        UInt next = place.plusMod(1);
        Bool isLast = next.eq(queue.queue.value.length);
        Bool leaves = walk.moves().and(queues.valid);
        queues.ready.assign(walk.moves().and(isLast));
        when(leaves, () -> place.assign(mux(isLast, u(0, place.width()), next)));
        when(leaves.and(isLast).and(queue.queue.last), () -> {
            draining.assign(false);
            slot.assign(0);
            token.assign(0);
            occupied.assign(0);
            listed.assign(0);
            scanned.assign(0);
        });
        assign(visits.payload.value, slots.read(at, walk.moves()));
        visits.payload.last.assign(walk.next(isLast));
        visits.valid.assign(walk.flag(queues.valid, 1));
    }
}

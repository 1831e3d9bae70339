package tilewright.sim.rtl.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import tilewright.hw.lang.design.Design;
import tilewright.hw.lang.design.Handshake;
import tilewright.sim.rtl.Simulation;

/**
 * A design that is being run, after its reset, with what drives and watches its ports. Everything random comes from one
 * seed, so that equal seeds give equal runs.
 */
public final class Bench {
    private final Design design;
    private final Simulation simulation;
    private final String engines;
    private final long seed;
    private final Stalls stalls;
    private final Random random;
    private final List<Agent> agents = new ArrayList<>();
    private long cycle;

    /**
     * Resets a design that has just been opened.
     *
     * @param engines what runs it, for messages
     * @param stalls what {@link #source} and {@link #sink} do unless told otherwise
     */
    public Bench(Design design, Simulation simulation, String engines, long seed, Stalls stalls) {
        this.design = design;
        this.simulation = simulation;
        this.engines = engines;
        this.seed = seed;
        this.stalls = stalls;
        random = new Random(seed);
        simulation.reset();
    }

    /** The design that is being run. */
    public Design design() {
        return design;
    }

    /** The ports, for what no agent does. */
    public Simulation simulation() {
        return simulation;
    }

    /** Random numbers that the seed determines; agents have their own. */
    public Random random() {
        return random;
    }

    /** The seed. */
    public long seed() {
        return seed;
    }

    /** The stalls of this run. */
    public Stalls stalls() {
        return stalls;
    }

    /** The cycles since the reset. */
    public long cycles() {
        return cycle;
    }

    /** Lets an agent take part from the next cycle on; they are asked in the order in which they came. */
    public <A extends Agent> A add(A agent) {
        agents.add(agent);
        return agent;
    }

    /**
     * A stream of the design's ports.
     *
     * @throws IllegalArgumentException when there is none of that name; the message lists those there are
     */
    public Channel channel(String name) {
        List<Handshake> ports = design.top().streams().stream()
                .filter(stream -> stream.role() != Handshake.Role.INTERNAL)
                .toList();
        return ports.stream()
                .filter(stream -> stream.name().equals(name))
                .findFirst()
                .map(stream -> new Channel(design.top(), stream, simulation))
                .orElseThrow(() ->
                        new IllegalArgumentException("design '" + design.top().name()
                                + "' has no stream '" + name + "' at its ports; its streams are "
                                + ports.stream().map(Handshake::name).toList()));
    }

    private Channel channel(String name, Handshake.Role role) {
        Channel channel = channel(name);
        if (channel.role() != role) {
            throw new IllegalArgumentException("stream '" + name + "' of design '"
                    + design.top().name() + "' is "
                    + (role == Handshake.Role.SLAVE ? "sent by it; use a sink" : "received by it; use a source"));
        }
        return channel;
    }

    /** Random numbers of an agent's own, which other agents do not disturb. */
    Random randomOf(String name) {
        return new Random(seed * 0x9E3779B97F4A7C15L + name.hashCode());
    }

    /** Offers words to a stream that the design receives. */
    public StreamSource source(String stream) {
        return source(stream, stalls);
    }

    /** Offers words to a stream that the design receives, with stalls of its own. */
    public StreamSource source(String stream, Stalls own) {
        return add(new StreamSource(channel(stream, Handshake.Role.SLAVE), own, randomOf(stream)));
    }

    /** Takes and keeps the words of a stream that the design sends. */
    public StreamSink sink(String stream) {
        return sink(stream, stalls, () -> true, null);
    }

    /** Takes the words of a stream that the design sends and hands them on. */
    public StreamSink sink(String stream, Consumer<long[]> to) {
        return sink(stream, stalls, () -> true, to);
    }

    /**
     * Takes the words of a stream that the design sends.
     *
     * @param accepts whether a word can be taken in the cycle; asked before it
     * @param to what gets the words; null keeps them
     */
    public StreamSink sink(String stream, Stalls own, BooleanSupplier accepts, Consumer<long[]> to) {
        Channel channel = channel(stream, Handshake.Role.MASTER);
        return add(new StreamSink(this, channel, own, randomOf(stream), accepts, to));
    }

    /** Takes the words of a stream that the design sends and compares them with those that are expected. */
    public Scoreboard expecting(String stream) {
        Scoreboard scoreboard = new Scoreboard(this, channel(stream, Handshake.Role.MASTER));
        sink(stream, scoreboard::accept);
        return scoreboard;
    }

    /** Watches a stream that others drive. */
    public StreamMonitor monitor(String stream) {
        return add(new StreamMonitor(this, channel(stream)));
    }

    /** A memory at the AXI4 port of this name, whose manager is the design; with the bench's stalls. */
    public AxiMemory memory(String port, MemoryTiming timing) {
        return memory(port, timing, new MemoryBytes());
    }

    /** A memory with contents, which several ports may share, at the AXI4 port of this name. */
    public AxiMemory memory(String port, MemoryTiming timing, MemoryBytes bytes) {
        return add(new AxiMemory(this, new AxiPort(this, port), timing, bytes, stalls));
    }

    /** Reads and writes through the AXI4 or AXI4-Lite port of this name, whose subordinate is the design. */
    public AxiManager manager(String port) {
        return add(new AxiManager(this, new AxiPort(this, port), stalls));
    }

    /** Watches the AXI4 or AXI4-Lite port of this name, which others drive. */
    public AxiMonitor axiMonitor(String port) {
        return add(new AxiMonitor(this, new AxiPort(this, port)));
    }

    /** A source that its owner drives. */
    StreamSource newSource(Channel channel, Stalls own) {
        return new StreamSource(channel, own, randomOf(channel.name()));
    }

    /** A sink that its owner drives. */
    StreamSink newSink(Channel channel, Stalls own, BooleanSupplier accepts, Consumer<long[]> to) {
        return new StreamSink(this, channel, own, randomOf(channel.name()), accepts, to);
    }

    /** One edge of every clock: agents set inputs, then look at the ports, then the clocks rise. */
    public void cycle() {
        agents.forEach(Agent::drive);
        agents.forEach(Agent::observe);
        simulation.tick();
        cycle++;
    }

    /** One edge of one clock; only agents of this clock, or of none, take part. */
    public void cycle(int clock) {
        for (Agent agent : agents) {
            if (agent.clock() < 0 || agent.clock() == clock) {
                agent.drive();
            }
        }
        for (Agent agent : agents) {
            if (agent.clock() < 0 || agent.clock() == clock) {
                agent.observe();
            }
        }
        simulation.tick(clock);
        cycle++;
    }

    /** So many cycles. */
    public void run(long cycles) {
        for (long i = 0; i < cycles; i++) {
            cycle();
        }
    }

    /** Cycles until something holds; fails when it does not within a number of them. */
    public void runUntil(BooleanSupplier done, long mostCycles) {
        runUntil(done, mostCycles, this::cycle);
    }

    /** Edges of one clock after another, each drawn at random, until something holds; for designs with several clocks. */
    public void runUntilAtRandomClocks(BooleanSupplier done, long mostEdges) {
        Random draws = randomOf("clocks");
        int clocks = simulation.clocks().size();
        runUntil(done, mostEdges, () -> cycle(draws.nextInt(clocks)));
    }

    private void runUntil(BooleanSupplier done, long most, Runnable step) {
        for (long i = 0; !done.getAsBoolean(); i++) {
            if (i == most) {
                throw failure("not done after " + most + " cycles");
            }
            step.run();
        }
    }

    /** What is thrown where the design is wrong: the message with the design, the seed and the cycle before it. */
    public BenchFailure failure(String message) {
        return new BenchFailure(context() + ": " + message);
    }

    /** The design, the engines, the seed, the stalls and the cycle. */
    String context() {
        return "%s (%s, seed %d, stalls %s), cycle %d".formatted(design.top().name(), engines, seed, stalls, cycle);
    }
}

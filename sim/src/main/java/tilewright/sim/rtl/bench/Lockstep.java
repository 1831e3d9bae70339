package tilewright.sim.rtl.bench;

import java.math.BigInteger;
import java.util.List;
import tilewright.sim.SimulationException;
import tilewright.sim.rtl.Port;
import tilewright.sim.rtl.Simulation;

/** One design in several engines: all get the same inputs and edges, and must show the same outputs before every edge. */
final class Lockstep implements Simulation {
    private final List<Simulation> all;
    private final List<String> names;
    private final Simulation first;
    private final Port[] outputs;

    Lockstep(List<Simulation> all, List<String> names) {
        this.all = List.copyOf(all);
        this.names = List.copyOf(names);
        first = all.getFirst();
        outputs = first.ports().stream()
                .filter(port -> port.direction() == Port.Direction.OUTPUT)
                .toArray(Port[]::new);
    }

    private void compare() {
        for (int i = 1; i < all.size(); i++) {
            Simulation other = all.get(i);
            for (Port port : outputs) {
                boolean same = port.width() <= 64
                        ? first.get(port.index()) == other.get(port.index())
                        : first.getBig(port.index()).equals(other.getBig(port.index()));
                if (!same) {
                    BigInteger a = first.getBig(port.index());
                    BigInteger b = other.getBig(port.index());
                    throw new SimulationException("the engines differ: output '%s' is %s under %s and %s under %s"
                            .formatted(port.name(), a, names.getFirst(), b, names.get(i)));
                }
            }
        }
    }

    @Override
    public List<Port> ports() {
        return first.ports();
    }

    @Override
    public List<String> clocks() {
        return first.clocks();
    }

    @Override
    public long get(int port) {
        return first.get(port);
    }

    @Override
    public void get(int port, long[] words) {
        first.get(port, words);
    }

    @Override
    public void set(int port, long value) {
        for (Simulation each : all) {
            each.set(port, value);
        }
    }

    @Override
    public void set(int port, long[] words) {
        for (Simulation each : all) {
            each.set(port, words);
        }
    }

    @Override
    public void eval() {
        all.forEach(Simulation::eval);
    }

    @Override
    public void tick() {
        compare();
        all.forEach(Simulation::tick);
    }

    @Override
    public void tick(int clock) {
        compare();
        all.forEach(each -> each.tick(clock));
    }

    @Override
    public long cycles() {
        return first.cycles();
    }

    @Override
    public void close() {
        all.forEach(Simulation::close);
    }
}

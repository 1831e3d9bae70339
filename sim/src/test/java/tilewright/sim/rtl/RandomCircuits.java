package tilewright.sim.rtl;

import java.util.ArrayList;
import java.util.List;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.Data;

/** Many random circuits side by side, each with ports of its own: one model for all. */
final class RandomCircuits extends Component {
    final List<RandomCircuit> circuits = new ArrayList<>();
    final List<List<Data>> inputs = new ArrayList<>();
    final List<List<Data>> outputs = new ArrayList<>();

    RandomCircuits(long firstSeed, int count) {
        for (int i = 0; i < count; i++) {
            long seed = firstSeed + i;
            RandomCircuit circuit = child(() -> new RandomCircuit(seed));
            circuits.add(circuit);
            inputs.add(
                    circuit.inputs.stream().map(RandomCircuits::exportedInput).toList());
            outputs.add(
                    circuit.outputs.stream().map(RandomCircuits::exportedOutput).toList());
        }
    }

    private static Data exportedInput(Data inner) {
        Data port = in(typeOf(inner));
        assign(inner, port);
        return port;
    }

    private static Data exportedOutput(Data inner) {
        Data port = out(typeOf(inner));
        assign(port, inner);
        return port;
    }
}

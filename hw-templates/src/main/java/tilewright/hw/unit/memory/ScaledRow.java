package tilewright.hw.unit.memory;

import java.util.ArrayList;
import java.util.List;
import tilewright.hw.arith.WeightGroup;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.SInt;
import tilewright.hw.lang.Vec;
import tilewright.hw.lang.stream.Stream;
import tilewright.hw.unit.pipeline.Pipeline;

/**
 * {@link WeightGroup#apply} in every lane of a row: a row per clock, {@link ScaledLane#LATENCY} clocks later.
 */
final class ScaledRow extends Component {
    final Stream<WeightDecompressor.CodedRow> input;
    final Stream<Vec<SInt>> output;

    private final Pipeline line;
    private final List<ScaledLane> lane = new ArrayList<>();

    /** So many lanes. */
    ScaledRow(int lanes) {
        input = in(Stream.of(() -> new WeightDecompressor.CodedRow(lanes)));
        output = out(Stream.of(vec(lanes, sint(8))));
        line = Pipeline.into(output);
        for (int i = 0; i < lanes; i++) {
            ScaledLane each = child(ScaledLane::new);
            lane.add(each);
            each.moves.assign(line.moves());
            each.code.assign(input.payload.code.get(i));
            each.scale.assign(input.payload.scale.get(i));
            each.minimum.assign(input.payload.minimum.get(i));
            output.payload.get(i).assign(each.weight);
        }
        output.valid.assign(line.from(input, ScaledLane.LATENCY));
    }
}

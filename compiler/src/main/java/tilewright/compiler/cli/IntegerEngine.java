package tilewright.compiler.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import tilewright.hw.program.Buffer;
import tilewright.hw.program.GoldenRuns;
import tilewright.hw.program.Program;
import tilewright.hw.program.TaskProgram;
import tilewright.model.data.ImageSet;
import tilewright.model.family.ImageGeometry;

/** The integer model: what a compiled design computes, bit for bit, given as real numbers. */
final class IntegerEngine implements Engine {
    private static final int BATCH = 32;

    private final String place;
    private final Program program;

    IntegerEngine(String place, Program program) {
        this.place = place;
        this.program = program;
    }

    @Override
    public String place() {
        return place;
    }

    @Override
    public ImageGeometry image() {
        return new ImageGeometry(
                program.geometry().channels(),
                program.geometry().height(),
                program.geometry().width(),
                program.geometry().patch());
    }

    @Override
    public SequencedMap<String, int[]> outputs() {
        SequencedMap<String, int[]> outputs = new LinkedHashMap<>();
        for (TaskProgram task : program.tasks()) {
            Buffer result = task.result();
            outputs.put(
                    task.task(),
                    result.tokens() == 1
                            ? new int[] {result.features()}
                            : new int[] {result.tokens(), result.features()});
        }
        return outputs;
    }

    @Override
    public List<String> classNames() {
        return List.of();
    }

    @Override
    public int batch() {
        return BATCH;
    }

    @Override
    public Map<String, float[]> run(List<String> wanted, ImageSet images, int from, int count) {
        Map<String, float[]> results = new LinkedHashMap<>();
        for (String name : wanted) {
            TaskProgram task = program.task(name);
            List<int[]> codes =
                    GoldenRuns.map(program, count, (machine, i) -> machine.run(task, images.image(from + i)));
            int size = task.result().tokens() * task.result().features();
            float[] values = new float[count * size];
            for (int i = 0; i < values.length; i++) {
                values[i] =
                        (float) (codes.get(i / size)[i % size] * task.result().scale());
            }
            results.put(name, values);
        }
        return results;
    }

    @Override
    public void close() {
        // Nothing is held but memory.
    }
}

package tilewright.hw.program;

import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;
import tilewright.hw.arith.ActivationUnit;
import tilewright.hw.arith.EvenResidualFunction;
import tilewright.hw.arith.LayerNormParameters;
import tilewright.hw.arith.Requantizer;
import tilewright.hw.arith.TableFunction;

/**
 * The binary file of a program: tables of what steps share (buffers, layers, activations), then the steps of each task.
 *
 * <p>Big-endian. Layers that several tasks use are stored once and are one object again when read.
 */
public final class ProgramFile {
    static final String MAGIC = "tilewright-program-1";

    private ProgramFile() {}

    /** Kinds of steps, in the file's numbering. */
    enum Kind {
        EMBED,
        NORM,
        LINEAR,
        ATTENTION,
        ROUTE,
        EXPERTS
    }

    /**
     * Writes a program.
     *
     * @throws IOException when the file cannot be written
     */
    public static void write(Program program, Path file) throws IOException {
        try (OutputStream output = Files.newOutputStream(file);
                DataOutputStream data = new DataOutputStream(new BufferedOutputStream(output, 1 << 16))) {
            new Writer(data).program(program);
        }
    }

    /**
     * Reads a program.
     *
     * @throws InvalidProgramException naming the file when it is damaged
     * @throws IOException when the file cannot be read
     */
    public static Program read(Path file) throws IOException {
        return ProgramFileReader.read(file);
    }

    /** Writes the tables before the steps that refer to them by number. */
    private static final class Writer {
        private final DataOutputStream data;
        private final List<Buffer> buffers = new ArrayList<>();
        private final Table<LinearParameters> layers = new Table<>();
        private final Table<ActivationUnit> activations = new Table<>();

        Writer(DataOutputStream data) {
            this.data = data;
        }

        void program(Program program) throws IOException {
            data.writeUTF(MAGIC);
            data.writeUTF(program.name());
            data.writeInt(program.format().activationBits());
            data.writeInt(program.softmax().rowLength());
            geometry(program.geometry());
            buffers.addAll(program.buffers().values());
            program.tasks().forEach(task -> task.steps().forEach(this::collect));
            data.writeInt(buffers.size());
            for (Buffer buffer : buffers) {
                buffer(buffer);
            }
            data.writeInt(layers.items.size());
            for (LinearParameters layer : layers.items) {
                layer(layer);
            }
            data.writeInt(activations.items.size());
            for (ActivationUnit activation : activations.items) {
                activation(activation);
            }
            data.writeInt(number(program.residual()));
            data.writeInt(program.tasks().size());
            for (TaskProgram task : program.tasks()) {
                data.writeUTF(task.task());
                data.writeInt(number(task.result()));
                data.writeInt(task.steps().size());
                for (Step step : task.steps()) {
                    step(step);
                }
            }
        }

        private void collect(Step step) {
            switch (step) {
                case Step.Embed embed -> layers.add(embed.linear());
                case Step.Linear linear -> {
                    layers.add(linear.linear());
                    activations.add(linear.activation());
                }
                case Step.Route route -> layers.add(route.linear());
                case Step.Experts experts -> {
                    experts.first().forEach(layers::add);
                    experts.second().forEach(layers::add);
                    activations.add(experts.activation());
                }
                case Step.Norm norm -> {}
                case Step.Attention attention -> {}
            }
        }

        private int number(Buffer buffer) {
            for (int i = 0; i < buffers.size(); i++) {
                if (buffers.get(i).name().equals(buffer.name())) {
                    return i;
                }
            }
            throw new IllegalArgumentException("no step writes buffer '" + buffer.name() + "'");
        }

        private void geometry(PatchGeometry geometry) throws IOException {
            data.writeInt(geometry.channels());
            data.writeInt(geometry.height());
            data.writeInt(geometry.width());
            data.writeInt(geometry.patch());
        }

        private void buffer(Buffer buffer) throws IOException {
            data.writeUTF(buffer.name());
            data.writeInt(buffer.tokens());
            data.writeInt(buffer.groups());
            data.writeInt(buffer.groupSize());
            data.writeInt(buffer.bits());
            data.writeDouble(buffer.scale());
        }

        private void layer(LinearParameters layer) throws IOException {
            data.writeUTF(layer.name());
            data.writeInt(layer.outputs());
            data.writeInt(layer.inputs());
            for (short weight : layer.weights()) {
                data.writeShort(weight);
            }
            for (int o = 0; o < layer.outputs(); o++) {
                data.writeLong(layer.bias()[o]);
                requantizer(layer.scales()[o]);
            }
        }

        private void requantizer(Requantizer requantizer) throws IOException {
            data.writeInt(requantizer.multiplier());
            data.writeInt(requantizer.shift());
        }

        private void activation(ActivationUnit activation) throws IOException {
            switch (activation) {
                case TableFunction(byte[] values) -> {
                    data.writeBoolean(true);
                    data.write(values);
                }
                case EvenResidualFunction(int[] table, Requantizer output) -> {
                    data.writeBoolean(false);
                    ints(table);
                    requantizer(output);
                }
            }
        }

        private void ints(int[] values) throws IOException {
            data.writeInt(values.length);
            for (int value : values) {
                data.writeInt(value);
            }
        }

        private void step(Step step) throws IOException {
            Kind kind = switch (step) {
                case Step.Embed embed -> Kind.EMBED;
                case Step.Norm norm -> Kind.NORM;
                case Step.Linear linear -> Kind.LINEAR;
                case Step.Attention attention -> Kind.ATTENTION;
                case Step.Route route -> Kind.ROUTE;
                case Step.Experts experts -> Kind.EXPERTS;
            };
            data.writeByte(kind.ordinal());
            data.writeUTF(step.name());
            data.writeUTF(step.block());
            data.writeInt(number(step.output()));
            switch (step) {
                case Step.Embed embed -> {
                    data.writeInt(layers.number(embed.linear()));
                    ints(embed.table());
                    data.writeInt(embed.firstPatchToken());
                }
                case Step.Norm norm -> {
                    data.writeInt(number(norm.input()));
                    tokens(norm.tokens());
                    norm(norm.parameters());
                }
                case Step.Linear linear -> {
                    data.writeInt(number(linear.input()));
                    tokens(linear.tokens());
                    data.writeInt(layers.number(linear.linear()));
                    data.writeInt(activations.number(linear.activation()));
                    data.writeBoolean(linear.accumulate());
                }
                case Step.Attention attention -> {
                    data.writeInt(number(attention.input()));
                    data.writeInt(attention.heads());
                    requantizer(attention.score());
                    requantizer(attention.context());
                }
                case Step.Route route -> {
                    data.writeInt(number(route.input()));
                    data.writeInt(layers.number(route.linear()));
                    data.writeInt(route.topK());
                    data.writeBoolean(route.overSelected());
                }
                case Step.Experts experts -> {
                    data.writeInt(number(experts.input()));
                    numbers(experts.first(), layers::number);
                    data.writeInt(activations.number(experts.activation()));
                    data.writeInt(number(experts.hidden()));
                    numbers(experts.second(), layers::number);
                }
            }
        }

        private void tokens(TokenRange tokens) throws IOException {
            data.writeInt(tokens.first());
            data.writeInt(tokens.count());
        }

        private void norm(LayerNormParameters parameters) throws IOException {
            ints(parameters.gammas());
            for (long beta : parameters.betas()) {
                data.writeLong(beta);
            }
            data.writeInt(parameters.shift());
            data.writeLong(parameters.epsilon());
        }

        private <T> void numbers(List<T> items, ToIntFunction<T> number) throws IOException {
            data.writeInt(items.size());
            for (T item : items) {
                data.writeInt(number.applyAsInt(item));
            }
        }
    }

    /** Numbers objects by identity; nothing has the number -1. */
    private static final class Table<T> {
        private final Map<T, Integer> numbers = new IdentityHashMap<>();
        private final List<T> items = new ArrayList<>();

        void add(T item) {
            if (item != null && numbers.putIfAbsent(item, items.size()) == null) {
                items.add(item);
            }
        }

        int number(T item) {
            return item == null ? -1 : numbers.get(item);
        }
    }
}

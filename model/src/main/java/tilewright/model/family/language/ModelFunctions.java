package tilewright.model.family.language;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tilewright.model.InvalidInputException;
import tilewright.model.graph.Dim;
import tilewright.model.graph.ParameterData;
import tilewright.model.graph.Type;

/** Functions that read the checkpoint, shape weights, and speak about the graph as a whole. */
final class ModelFunctions {
    private static final int MAX_VALUES = 1 << 16;
    private static final int MAX_TABLE = 1 << 28;
    private static final int MAX_ROTARY = 1 << 16;

    private final Checkpoint checkpoint;
    private final Assembler assembler;
    private final Value.Fields config;
    private int constants;

    private ModelFunctions(Checkpoint checkpoint, Assembler assembler, Value.Fields config) {
        this.checkpoint = checkpoint;
        this.assembler = assembler;
        this.config = config;
    }

    /** The functions for one model. */
    static List<Function> functions(Checkpoint checkpoint, Assembler assembler, Value.Fields config) {
        ModelFunctions functions = new ModelFunctions(checkpoint, assembler, config);
        List<Function> all = new ArrayList<>();
        functions.reading(all);
        functions.shaping(all);
        functions.graph(all);
        return all;
    }

    private void reading(List<Function> all) {
        all.add(Function.of("weight(name, shape?)", a -> {
            Value.Weight weight = checkpoint.weight(a.text("name"));
            checkShape(weight, a);
            return weight;
        }));
        all.add(Function.of(
                "maybe(name)",
                a -> checkpoint.has(a.text("name")) ? checkpoint.weight(a.text("name")) : new Value.Null(null)));
        all.add(Function.of("has_weight(name)", a -> Value.of(checkpoint.has(a.text("name")))));
        all.add(Function.of("stored(name)", a -> checkpoint.storedWeight(a.text("name"))));
        all.add(Function.of("has_stored(name)", a -> Value.of(checkpoint.hasStored(a.text("name")))));
        all.add(Function.of("stacked(name, count, shape?)", a -> {
            if (!a.text("name").contains("*")) {
                throw Fault.author("stacked: '" + a.text("name") + "' has no '*' for the expert's number");
            }
            Value.Weight weight = checkpoint.stacked(a.text("name"), a.whole("count", 1));
            checkShape(weight, a);
            return weight;
        }));
        all.add(Function.of("mxfp4(name)", a -> MicroscaledPair.weight(checkpoint, a.text("name"))));
        all.add(Function.of("values(weight)", a -> {
            if (a.weight("weight").elements() > MAX_VALUES) {
                throw Fault.author("values: " + WeightShapes.described(a.weight("weight")) + " has more than "
                        + MAX_VALUES + " elements");
            }
            List<Value> values = new ArrayList<>();
            for (double value : a.weight("weight").data().load64()) {
                values.add(Value.of(value));
            }
            return new Value.Items(values, null);
        }));
    }

    private static void checkShape(Value.Weight weight, Arguments a) {
        if (!a.has("shape")) {
            return;
        }
        List<Integer> expected = a.wholes("shape", 1);
        if (!weight.shape().equals(expected.stream().map(Integer::longValue).toList())) {
            throw new InvalidInputException("tensor " + InvalidInputException.quoted(weight.name()) + " has shape "
                    + weight.shape() + ", expected " + expected + "; do configuration and checkpoint belong together?");
        }
    }

    private void shaping(List<Function> all) {
        all.add(Function.of(
                "take(weight, groups, start, count, axis=0)",
                a -> checkpoint.derived(WeightShapes.take(
                        a.weight("weight"),
                        a.whole("groups", 1),
                        a.whole("start", 0),
                        a.whole("count", 1),
                        a.whole("axis", 0)))));
        all.add(Function.of(
                "rows(weight, start, count)",
                a -> checkpoint.derived(
                        WeightShapes.take(a.weight("weight"), 1, a.whole("start", 0), a.whole("count", 1), 0))));
        all.add(Function.of("gather(weight, indices, axis=0)", a -> {
            List<Integer> indices = a.wholes("indices", 0);
            String name = a.weight("weight").name() + "|gather" + a.whole("axis", 0) + "(" + indices.size() + ","
                    + Integer.toHexString(indices.hashCode()) + ")";
            return checkpoint.derived(WeightShapes.gather(a.weight("weight"), indices, a.whole("axis", 0), name));
        }));
        all.add(Function.of(
                "reshape(weight, sizes)",
                a -> checkpoint.derived(WeightShapes.reshaped(a.weight("weight"), a.wholes("sizes", -1)))));
        all.add(Function.of("transpose(weight)", a -> checkpoint.derived(WeightShapes.transposed(a.weight("weight")))));
        all.add(Function.of("concat(a, b, c?, d?)", a -> {
            List<Value.Weight> parts = new ArrayList<>();
            for (String part : List.of("a", "b", "c", "d")) {
                if (a.has(part)) {
                    parts.add(a.weight(part));
                }
            }
            return checkpoint.derived(WeightShapes.concatenated(parts));
        }));
        all.add(Function.of(
                "shape(weight)",
                a -> new Value.Items(
                        a.weight("weight").shape().stream().map(Value::of).toList(), null)));
        all.add(Function.of("constant(values, shape?)", this::constant));
        all.add(Function.of("sinusoids(positions, width, divisor, first=0, base=10000)", this::sinusoids));
    }

    /**
     * A table of sines and cosines (Vaswani et al. 2017, arXiv 1706.03762): row p holds {@code sin(p f_j)} for all j, then {@code
     * cos(p f_j)}, with {@code f_j = base^(-j / divisor)}.
     */
    private Value sinusoids(Arguments a) {
        int positions = a.whole("positions", 1);
        int half = a.whole("width", 2) / 2;
        int first = a.whole("first", 0);
        double divisor = a.real("divisor");
        double base = a.real("base");
        if (2 * half != a.whole("width", 2)) {
            throw a.wrong("width", a.get("width"), "an even number");
        }
        if ((long) positions * 2 * half > MAX_TABLE) {
            throw a.wrong("positions", a.get("positions"), "at most " + MAX_TABLE / 2 / half + " rows of that width");
        }
        List<Long> shape = List.of((long) positions, 2L * half);
        return checkpoint.derived(new Value.Weight(
                "sinusoids" + WeightShapes.text(shape) + first + "," + divisor + "," + base,
                shape,
                ParameterData.computed(() -> {
                    double[] table = new double[positions * 2 * half];
                    for (int position = 0; position < positions; position++) {
                        for (int j = 0; j < half; j++) {
                            double angle = (position + first) * Math.pow(base, -j / divisor);
                            table[position * 2 * half + j] = Math.sin(angle);
                            table[position * 2 * half + half + j] = Math.cos(angle);
                        }
                    }
                    return table;
                })));
    }

    /** Numbers that the configuration implies, as a weight. */
    private Value constant(Arguments a) {
        double[] values = a.reals("values");
        List<Long> shape = List.of((long) values.length);
        if (a.has("shape")) {
            shape = a.wholes("shape", 1).stream().map(Integer::longValue).toList();
        }
        Value.Weight weight = new Value.Weight("constant" + ++constants, shape, ParameterData.computed(values::clone));
        if (weight.elements() != values.length) {
            throw Fault.author("constant: " + values.length + " values do not fill the shape " + shape);
        }
        return weight;
    }

    private void graph(List<Function> all) {
        all.add(Function.of(
                "token_ids(name=ids, length=tokens)",
                a -> assembler.input(a.text("name"), Type.i32(Dim.BATCH, new Dim.Symbol(a.text("length"))))));
        all.add(Function.of("output(name, value)", a -> {
            assembler.output(a.text("name"), a.node("value"));
            return new Value.Null(null);
        }));
        all.add(Function.of("width(x)", a -> {
            Dim last = a.get("x") instanceof Value.Weight weight
                    ? Dim.of(weight.shape().getLast())
                    : assembler.type(a.node("x")).shape().dim(-1);
            return last instanceof Dim.Fixed(long size) ? Value.of(size) : new Value.Null(null);
        }));
        all.add(Function.of("rope_frequencies(rotary, layer_type?, base?, scaled=true, divisors?, settings?)", a -> {
            int rotary = a.whole("rotary", 2);
            if (rotary % 2 != 0 || rotary > MAX_ROTARY) {
                throw a.wrong("rotary", a.get("rotary"), "an even number of at most " + MAX_ROTARY);
            }
            Value.Fields source =
                    a.has("settings") ? new Value.Fields(overlaid(a.fields("settings")), config.origin()) : config;
            return new Value.Frequencies(RopeScaling.frequencies(
                    source,
                    rotary,
                    a.has("layer_type") ? a.text("layer_type") : null,
                    a.get("base"),
                    a.truth("scaled"),
                    a.has("divisors") ? a.reals("divisors") : new double[0]));
        }));
    }

    /** The configuration with other rope settings. */
    private Map<String, Value> overlaid(Value.Fields settings) {
        Map<String, Value> values = new HashMap<>(config.values());
        values.put("rope_parameters", settings);
        return values;
    }
}

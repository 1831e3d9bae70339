package tilewright.model.family.language;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import tilewright.model.graph.Activate;
import tilewright.model.graph.Activation;
import tilewright.model.graph.Add;
import tilewright.model.graph.CausalConv;
import tilewright.model.graph.Clamp;
import tilewright.model.graph.Collect;
import tilewright.model.graph.Combine;
import tilewright.model.graph.Dim;
import tilewright.model.graph.Dispatch;
import tilewright.model.graph.Embed;
import tilewright.model.graph.ExpertLinear;
import tilewright.model.graph.Experts;
import tilewright.model.graph.GatedExperts;
import tilewright.model.graph.GatedUnit;
import tilewright.model.graph.JoinHeads;
import tilewright.model.graph.LayerNorm;
import tilewright.model.graph.LightningAttention;
import tilewright.model.graph.Linear;
import tilewright.model.graph.LinearRecurrence;
import tilewright.model.graph.Multiply;
import tilewright.model.graph.Op;
import tilewright.model.graph.PositionEmbed;
import tilewright.model.graph.PositionScale;
import tilewright.model.graph.RmsNorm;
import tilewright.model.graph.Rope;
import tilewright.model.graph.RopeSettings;
import tilewright.model.graph.Scale;
import tilewright.model.graph.ScaleQueue;
import tilewright.model.graph.SelectiveScan;
import tilewright.model.graph.Shape;
import tilewright.model.graph.SplitHeads;
import tilewright.model.tensor.NearestName;

/** The operators of the graph as functions of the language: the one place where they get their names and parameters. */
final class Operators {
    /** What activation names of published configurations mean. */
    private static final Map<String, Activation> ACTIVATIONS = new TreeMap<>(Map.ofEntries(
            Map.entry("gelu", Activation.GELU_ERF),
            Map.entry("gelu_python", Activation.GELU_ERF),
            Map.entry("gelu_erf", Activation.GELU_ERF),
            Map.entry("gelu_new", Activation.GELU_TANH),
            Map.entry("gelu_fast", Activation.GELU_TANH),
            Map.entry("gelu_tanh", Activation.GELU_TANH),
            Map.entry("gelu_pytorch_tanh", Activation.GELU_TANH),
            Map.entry("quick_gelu", Activation.QUICK_GELU),
            Map.entry("relu", Activation.RELU),
            Map.entry("relu2", Activation.RELU_SQUARED),
            Map.entry("relu_squared", Activation.RELU_SQUARED),
            Map.entry("sigmoid", Activation.SIGMOID),
            Map.entry("silu", Activation.SILU),
            Map.entry("softplus", Activation.SOFTPLUS),
            Map.entry("swish", Activation.SILU),
            Map.entry("tanh", Activation.TANH)));

    private final Assembler assembler;

    private Operators(Assembler assembler) {
        this.assembler = assembler;
    }

    /** One function for each operator, making nodes of this graph. */
    static List<Function> functions(Assembler assembler) {
        Operators operators = new Operators(assembler);
        List<Function> functions = new ArrayList<>();
        operators.rows(functions);
        operators.mixers(functions);
        operators.experts(functions);
        return functions;
    }

    /** What {@code + - * /} mean when a value of the graph takes part. */
    static Value.Node arithmetic(Assembler assembler, String operator, Value left, Value right) {
        Operators operators = new Operators(assembler);
        boolean leftNode = left instanceof Value.Node;
        boolean number = Arithmetic.isNumber(leftNode ? right : left);
        Value node = leftNode ? left : right;
        Value other = leftNode ? right : left;
        return switch (operator) {
            case "+" -> {
                if (number) {
                    throw Fault.author("adds a number to a value of the graph; use a weight");
                }
                yield operators.one(new Add(), node, other);
            }
            case "-" -> {
                if (number || !leftNode) {
                    throw Fault.author("'-' of the graph is between two of its values");
                }
                Value negated = right instanceof Value.Weight weight
                        ? WeightMath.apply("*", weight, Value.of(-1))
                        : operators.one(new Scale(-1), right);
                yield operators.one(new Add(), left, negated);
            }
            case "*" ->
                number
                        ? operators.one(new Scale(Arithmetic.number(other)), node)
                        : operators.one(new Multiply(), node, other);
            case "/" -> {
                if (!number || !leftNode || Arithmetic.number(right) == 0) {
                    throw Fault.value(right, "expected a number that is not 0 behind '/'");
                }
                yield operators.one(new Scale(1 / Arithmetic.number(right)), left);
            }
            default -> throw Fault.author("'" + operator + "' is not between values of the graph");
        };
    }

    /** Operators that work row by row. */
    private void rows(List<Function> all) {
        all.add(Function.of("embed(ids, table)", a -> one(new Embed(), a, "ids", "table")));
        all.add(Function.of(
                "position_embed(x, table, offset=0)",
                a -> one(new PositionEmbed(a.whole("offset", 0)), a, "x", "table")));
        all.add(Function.of("linear(x, weight, bias?)", a -> one(new Linear(), a, "x", "weight", "bias")));
        all.add(Function.of(
                "rms_norm(x, weight?, epsilon=1e-6, groups=1)",
                a -> one(new RmsNorm(a.real("epsilon"), a.whole("groups", 1)), a, "x", "weight")));
        all.add(Function.of("layer_norm(x, weight?, bias?, epsilon=1e-5, groups=1)", a -> {
            LayerNorm norm = new LayerNorm(a.real("epsilon"), a.whole("groups", 1));
            return one(norm, a, "x", "weight", "bias");
        }));
        all.add(Function.of("add(x, y)", a -> one(new Add(), a, "x", "y")));
        all.add(Function.of("multiply(x, y)", a -> one(new Multiply(), a, "x", "y")));
        all.add(Function.of("scale(x, factor)", a -> one(new Scale(a.real("factor")), a, "x")));
        all.add(Function.of("activate(x, activation)", a -> one(new Activate(activation(a)), a, "x")));
        all.add(Function.of("clamp(x, low, high)", a -> one(new Clamp(a.real("low"), a.real("high")), a, "x")));
        all.add(Function.of("softcap(x, cap)", a -> {
            double cap = a.real("cap");
            if (!(cap > 0 && cap < Double.POSITIVE_INFINITY)) {
                throw a.wrong("cap", a.get("cap"), "a number above 0");
            }
            Value.Node bounded = one(new Activate(Activation.TANH), one(new Scale(1 / cap), a.get("x")));
            return one(new Scale(cap), bounded);
        }));
        all.add(Function.of(
                "gated_unit(gate, up, activation=silu, limit=inf, offset=0)", a -> one(unit(a), a, "gate", "up")));
        all.add(Function.of("split_heads(x, heads, widths)", a -> {
            SplitHeads split = new SplitHeads(a.whole("heads", 1), a.wholes("widths", 1));
            return many(split, null, split.widths().size(), a, "x");
        }));
        all.add(Function.of("join_heads(parts, heads, widths)", a -> {
            JoinHeads join = new JoinHeads(a.whole("heads", 1), a.wholes("widths", 1));
            return one(join, a.items("parts").toArray(new Value[0]));
        }));
    }

    /** Operators that mix tokens or know positions. */
    private void mixers(List<Function> all) {
        all.add(Function.of("rope(x, frequencies, heads, width?, start=0, rotary?, pairing=halves)", this::rope));
        all.add(Function.of(
                "position_scale(x, scale, floor, offset=1)",
                a -> one(new PositionScale(a.real("scale"), a.real("floor"), a.whole("offset", 0)), a, "x")));
        all.add(Function.of(
                "attention(q, k, v, heads, key_value_heads?, scale?, causal=true, window?, chunk?, softcap?, slopes?, "
                        + "sinks?, bias_table?, max_distance=128, bidirectional=false)",
                a -> {
                    Op attention = RoutingAndAttention.attention(
                            a, width(a.node("q")), width(a.node("k")), width(a.node("v")));
                    return one(attention, a, "q", "k", "v", "sinks", "bias_table");
                }));
        all.add(Function.of("causal_conv(x, weight, bias?)", a -> one(new CausalConv(), a, "x", "weight", "bias")));
        all.add(Function.of(
                "selective_scan(x, dt, a, b, c, d)", a -> one(new SelectiveScan(), a, "x", "dt", "a", "b", "c", "d")));
        all.add(Function.of("linear_recurrence(q, k, v, decay, beta?, heads, key_heads, key_width, value_width)", a -> {
            LinearRecurrence recurrence = new LinearRecurrence(
                    a.whole("heads", 1),
                    a.whole("key_heads", 1),
                    a.whole("key_width", 1),
                    a.whole("value_width", 1),
                    a.has("beta"));
            return one(recurrence, a, "q", "k", "v", "decay", "beta");
        }));
        all.add(Function.of("lightning_attention(q, k, v, within, before, after, across)", a -> {
            int heads = Math.toIntExact(a.weight("within").shape().getFirst());
            LightningAttention attention = new LightningAttention(
                    heads,
                    width(a.node("q")) / heads,
                    width(a.node("v")) / heads,
                    Math.toIntExact(a.weight("within").shape().getLast()));
            return one(attention, a, "q", "k", "v", "within", "before", "after", "across");
        }));
    }

    /** Operators of mixtures of experts. */
    private void experts(List<Function> all) {
        all.add(Function.of(
                "router(x, gate?, top_k, experts?, bias?, selection_bias?, normalise=softmax_before_select, "
                        + "renormalise=false, groups=1, kept_groups=1, group_score=max, jitter=0.0, norm=1.0, epsilon=0.0, "
                        + "minimum=0.0, scale=1.0, capacity=0, capacity_fraction=0.0, "
                        + "capacity_before_weighting=false)",
                a -> {
                    Op router = RoutingAndAttention.router(a, width(a.node("x")));
                    return many(router, List.of("ids", "weights"), 2, a, "x", "gate", "bias", "selection_bias");
                }));
        all.add(Function.of(
                "dispatch(x, ids, experts, split=false)",
                a -> many(
                        new Dispatch(a.whole("experts", 1), a.truth("split")),
                        List.of("queue", "offsets", "slots"),
                        3,
                        a,
                        "x",
                        "ids")));
        all.add(Function.of(
                "experts(queue, offsets, fc1, fc2, bias1?, bias2?, activation)",
                a -> one(new Experts(activation(a)), a, "queue", "offsets", "fc1", "bias1", "fc2", "bias2")));
        all.add(Function.of(
                "gated_experts(queue, offsets, gate, up, down, gate_bias?, up_bias?, down_bias?, activation=silu, "
                        + "limit=inf, offset=0, identity=0)",
                a -> one(
                        new GatedExperts(unit(a), a.whole("identity", 0)),
                        a,
                        "queue",
                        "offsets",
                        "gate",
                        "up",
                        "down",
                        "gate_bias",
                        "up_bias",
                        "down_bias")));
        all.add(Function.of(
                "expert_linear(queue, offsets, weight, bias?)",
                a -> one(new ExpertLinear(), a, "queue", "offsets", "weight", "bias")));
        all.add(Function.of(
                "scale_queue(queue, slots, weights)",
                a -> one(new ScaleQueue(width(a.node("weights"))), a, "queue", "slots", "weights")));
        all.add(Function.of(
                "combine(outputs, slots, weights)",
                a -> one(new Combine(width(a.node("weights"))), a, "outputs", "slots", "weights")));
        all.add(Function.of(
                "sum_experts(outputs, slots, ids)",
                a -> one(new Combine(width(a.node("ids")), false), a, "outputs", "slots", "ids")));
        all.add(Function.of(
                "collect(outputs, slots, ids)",
                a -> one(new Collect(width(a.node("ids"))), a, "outputs", "slots", "ids")));
    }

    private Value rope(Arguments a) {
        if (!(a.get("frequencies") instanceof Value.Frequencies(var frequencies))) {
            throw a.wrong("frequencies", a.get("frequencies"), "the result of rope_frequencies");
        }
        int heads = a.whole("heads", 1);
        int width = a.has("width") ? a.whole("width", 1) : width(a.node("x")) / heads;
        int rotary = a.has("rotary") ? a.whole("rotary", 2) : 2 * frequencies.pairs();
        RopeSettings.Pairing pairing = RoutingAndAttention.choice(RopeSettings.Pairing.class, a, "pairing");
        return one(new Rope(new RopeSettings(heads, width, a.whole("start", 0), rotary, pairing, frequencies)), a, "x");
    }

    private static GatedUnit unit(Arguments a) {
        return new GatedUnit(activation(a), a.real("limit"), a.real("offset"));
    }

    /** The activation of a published name. */
    private static Activation activation(Arguments a) {
        Activation activation = ACTIVATIONS.get(a.text("activation").toLowerCase(Locale.ROOT));
        if (activation == null) {
            throw a.wrong(
                    "activation",
                    a.get("activation"),
                    "one of " + String.join(", ", ACTIVATIONS.keySet())
                            + NearestName.hint(a.text("activation"), ACTIVATIONS.keySet()));
        }
        return activation;
    }

    /** The last extent of a value. */
    int width(Value.Node node) {
        Shape shape = assembler.type(node).shape();
        return shape.rank() > 0 && shape.dim(-1) instanceof Dim.Fixed(long size) ? Math.toIntExact(size) : 1;
    }

    /** A node of one output, from those arguments that are there. */
    private Value.Node one(Op op, Arguments arguments, String... operands) {
        List<Value> given = new ArrayList<>();
        for (String operand : operands) {
            if (arguments.has(operand)) {
                given.add(arguments.get(operand));
            }
        }
        return one(op, given.toArray(new Value[0]));
    }

    private Value.Node one(Op op, Value... operands) {
        return (Value.Node) assembler.add(op, List.of(operands), null, 1).getFirst();
    }

    private Value many(Op op, List<String> suffixes, int count, Arguments arguments, String... operands) {
        List<Value> given = new ArrayList<>();
        for (String operand : operands) {
            if (arguments.has(operand)) {
                given.add(arguments.get(operand));
            }
        }
        return new Value.Items(assembler.add(op, given, suffixes, count), null);
    }
}

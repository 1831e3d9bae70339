package tilewright.edge.language;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tilewright.model.graph.AttentionSettings;
import tilewright.model.graph.InvalidGraphException;
import tilewright.model.graph.Node;

/** Turns the nodes of a part of a graph into a {@link Plan}: binds operands, plans memory, numbers states. */
final class PlanBuilder {
    private final GraphParts parts;
    private final boolean encoder;
    private final Set<String> keep;
    private final StageBinder binder;
    private final Memory memory = new Memory();
    private final RowSpace tokens = RowSpace.tokens();
    private final RowSpace wanted = RowSpace.tokens();
    private final Map<RowSpace, Map<Integer, RowSpace>> routed = new HashMap<>();
    private final Indices ids = new Indices(tokens, 1);
    private final Indices wantedRows = new Indices(wanted, 1);
    private final Map<String, Bound> values = new HashMap<>();
    /** Values of the body as the tail sees them. */
    private final Map<String, Bound> gathered = new HashMap<>();

    private final Map<String, Integer> uses = new HashMap<>();
    private final List<Plan.Step> body = new ArrayList<>();
    private final List<Plan.Step> tail = new ArrayList<>();
    private final List<PageShape> shapes = new ArrayList<>();
    private final List<AttentionSettings> attentions = new ArrayList<>();
    private final List<Boolean> fixed = new ArrayList<>();
    private final List<Plan.Crossing> crossings = new ArrayList<>();
    private final List<Integer> numbers = new ArrayList<>();
    private final Map<String, Plan.Point> points = new HashMap<>();
    private List<Plan.Step> steps = body;
    private Plan.Point point;
    private boolean joined;
    private Node node;

    /**
     * A builder of the encoder's or the decoder's plan.
     *
     * @param keep values that must still be there after a pass
     */
    PlanBuilder(GraphParts parts, boolean encoder, Set<String> keep, StageBinder binder) {
        this.parts = parts;
        this.encoder = encoder;
        this.keep = keep;
        this.binder = binder;
    }

    /**
     * The plan.
     *
     * @throws InvalidGraphException when a node is none that a language model's engine runs
     */
    Plan build() {
        List<Node> bodyNodes = encoder ? parts.encoder() : parts.body();
        List<Node> tailNodes = encoder ? List.of() : parts.tail();
        for (List<Node> nodes : List.of(bodyNodes, tailNodes)) {
            nodes.forEach(each -> each.inputs().forEach(input -> uses.merge(input, 1, Integer::sum)));
        }
        keep.forEach(value -> uses.merge(value, 1, Integer::sum));
        if (!encoder) {
            uses.merge(parts.logits(), 1, Integer::sum);
        }
        values.put(GraphParts.ids(encoder), ids);
        bodyNodes.forEach(this::bind);
        steps = tail;
        tailNodes.forEach(this::bind);
        Rows logits = null;
        if (!encoder) {
            logits = inTail(parts.logits()) instanceof Rows rows ? rows : null;
        }
        Map<String, Bound> kept = new LinkedHashMap<>();
        keep.forEach(value -> kept.put(value, values.get(value)));
        boolean[] fixedCaches = new boolean[fixed.size()];
        for (int i = 0; i < fixedCaches.length; i++) {
            fixedCaches[i] = fixed.get(i);
        }
        return new Plan(
                tokens,
                wanted,
                ids,
                wantedRows,
                body,
                tail,
                memory.storages(),
                shapes.toArray(new PageShape[0]),
                List.copyOf(attentions),
                fixedCaches,
                crossings,
                numbers.stream().mapToInt(Integer::intValue).toArray(),
                points,
                kept,
                logits);
    }

    private void bind(Node next) {
        node = next;
        joined = false;
        Plan.Point before = new Plan.Point(body.size() + tail.size(), memory.live());
        try {
            binder.bind(node, this);
            // What joined a stage that was there already is made with that.
            boolean own = !joined && body.size() + tail.size() > before.step();
            point = own || point == null ? before : point;
            points.put(node.name(), point);
        } catch (IllegalArgumentException e) {
            throw new InvalidGraphException(
                    "node '" + node.name() + "': " + node.op().mnemonic() + " " + e.getMessage());
        }
        for (String input : node.inputs()) {
            if (uses.merge(input, -1, Integer::sum) == 0 && values.get(input) instanceof Rows rows) {
                memory.release(rows);
            }
        }
        for (String output : node.outputs()) {
            if (!uses.containsKey(output) && values.get(output) instanceof Rows rows) {
                memory.release(rows);
            }
        }
    }

    /** Whether the encoder's plan is built. */
    boolean ofEncoder() {
        return encoder;
    }

    /** Whether an operand of the decoder is made by the encoder. */
    boolean crosses(int operand) {
        return !encoder && parts.fromEncoder(node.inputs().get(operand));
    }

    /** The name of an operand. */
    String name(int operand) {
        return node.inputs().get(operand);
    }

    /** Whether there is such an operand. */
    boolean has(int operand) {
        return operand < node.inputs().size();
    }

    /** An operand. */
    Bound operand(int operand) {
        String name = name(operand);
        Constant constant = parts.constant(name);
        if (constant != null) {
            return constant;
        }
        Bound bound = steps == tail ? inTail(name) : values.get(name);
        if (bound == null) {
            throw new InvalidGraphException("reads '" + name + "', which the "
                    + (crosses(operand)
                            ? "encoder makes: only attention may read it as keys or values"
                            : "engine has not"));
        }
        return bound;
    }

    /** A value as the tail sees it: what the body made is gathered for the wanted rows first. */
    private Bound inTail(String name) {
        Bound bound = values.get(name);
        return switch (bound) {
            case Rows rows
            when rows.space().root() == tokens ->
                gathered.computeIfAbsent(name, _ -> {
                    Rows copy = memory.rows(wanted, rows.width());
                    tail.add(step(TokenStages.gather(wantedRows, rows, copy)));
                    return copy;
                });
            case Indices indices
            when indices.space() == tokens ->
                gathered.computeIfAbsent(name, _ -> {
                    Indices copy = new Indices(wanted, indices.width());
                    tail.add(step(TokenStages.gather(wantedRows, indices, copy)));
                    return copy;
                });
            case null -> null;
            default -> bound;
        };
    }

    /** An operand of numbers by row. */
    Rows rows(int operand) {
        if (operand(operand) instanceof Rows rows) {
            return rows;
        }
        throw new InvalidGraphException("operand " + operand + " '" + name(operand) + "' is not a value of rows");
    }

    /** An operand of indices. */
    Indices indices(int operand) {
        if (operand(operand) instanceof Indices indices) {
            return indices;
        }
        throw new InvalidGraphException("operand " + operand + " '" + name(operand) + "' is not a value of indices");
    }

    /** An operand that no token changes. */
    Constant constant(int operand) {
        if (operand(operand) instanceof Constant constant) {
            return constant;
        }
        throw new InvalidGraphException("operand " + operand + " '" + name(operand) + "' is not a parameter");
    }

    /** The values of a constant operand; null when there is none. */
    float[] numbers(int operand) {
        return has(operand) ? constant(operand).values() : null;
    }

    /** A value of rows that later nodes read too, by name; null when there is none, or not here. */
    Rows alive(String name) {
        boolean read = uses.getOrDefault(name, 0) > 0;
        return steps == body && read && values.get(name) instanceof Rows rows ? rows : null;
    }

    /** A parameter, or what is computed from parameters alone, by name; null when it is none. */
    Constant constant(String name) {
        return parts.constant(name);
    }

    /** The width of an output. */
    private int width(int output) {
        return parts.type(node.outputs().get(output)).shape().size(-1);
    }

    /** New rows for an output, apart from all operands. */
    Rows out(int output, RowSpace space) {
        Rows rows = memory.rows(space, width(output));
        values.put(node.outputs().get(output), rows);
        return rows;
    }

    /** New rows for the first output, in an operand's place if nobody reads that any more. */
    Rows outLike(int operand) {
        Rows x = rows(operand);
        String name = name(operand);
        boolean last = uses.get(name) == 1 && values.get(name) == x && width(0) == x.width();
        if (!last || !memory.alone(x)) {
            return out(0, x.space());
        }
        memory.use(x);
        Rows rows = new Rows(x.space(), x.width(), x.storage(), 0, x.stride());
        values.put(node.outputs().getFirst(), rows);
        return rows;
    }

    /** Makes the outputs views of the first operand's columns, side by side in these widths. */
    void views(List<Integer> widths) {
        Rows x = rows(0);
        int first = 0;
        for (int output = 0; output < widths.size(); output++) {
            memory.use(x);
            values.put(node.outputs().get(output), x.columns(first, width(output)));
            first += widths.get(output);
        }
    }

    /** New indices for an output. */
    Indices outIndices(int output, RowSpace space, int width) {
        Indices indices = new Indices(space, width);
        values.put(node.outputs().get(output), indices);
        return indices;
    }

    /** Rows that only this node needs, until {@link #release}. */
    Rows temporary(RowSpace space, int width) {
        return memory.rows(space, width);
    }

    /** Ends a temporary. */
    void release(Rows rows) {
        memory.release(rows);
    }

    /** The space of {@code topK} rows for each row of another one. */
    RowSpace routed(RowSpace space, int topK) {
        return routed.computeIfAbsent(space, _ -> new HashMap<>()).computeIfAbsent(topK, space::times);
    }

    /** Numbers a cache of each sequence that grows with its tokens. */
    int growingCache(PageShape shape, AttentionSettings settings) {
        shapes.add(shape);
        attentions.add(settings);
        fixed.add(false);
        return shapes.size() - 1;
    }

    /**
     * Numbers a cache of each sequence that the encoder fills once.
     *
     * @param keyRows the encoder's value of them, by name
     * @param valueRows likewise
     */
    int crossCache(PageShape shape, AttentionSettings settings, String keyRows, String valueRows) {
        int cache = growingCache(shape, settings);
        fixed.set(cache, true);
        crossings.add(new Plan.Crossing(cache, keyRows, valueRows));
        return cache;
    }

    /** Numbers a state of so many elements of each sequence. */
    int state(long elements) {
        numbers.add(Math.toIntExact(elements));
        return numbers.size() - 1;
    }

    /** Adds a stage. */
    void add(Stage stage) {
        steps.add(step(stage));
    }

    private Plan.Step step(Stage stage) {
        String name = node == null
                ? "the graph:"
                : "node '" + node.name() + "': " + node.op().mnemonic();
        return new Plan.Step(name, stage);
    }

    /** Says that this node's work became part of the stage that was added last. */
    void joins() {
        joined = true;
    }

    /** The stage that was added last; null when there is none. */
    Stage last() {
        return steps.isEmpty() ? null : steps.getLast().stage();
    }
}

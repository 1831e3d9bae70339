package tilewright.model.family.language;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import tilewright.model.InvalidInputException;
import tilewright.model.family.language.FamilyFile.Alias;
import tilewright.model.family.language.FamilyFile.Setting;
import tilewright.model.family.language.FamilyFile.TensorRule;
import tilewright.model.gguf.GgufMetadata;
import tilewright.model.graph.Graph;
import tilewright.model.graph.InvalidGraphException;
import tilewright.model.graph.Verifier;
import tilewright.model.tensor.TensorSource;

/** Interprets one family file for one model. */
final class ModelBuilder {
    private static final int NAMED_TENSORS = 10;

    /** The shared file that every GGUF model's mapping falls back to. */
    private static final String SHARED_GGUF = "gguf";

    private final String place;
    private final boolean gguf;
    private final List<FamilyFile> files;
    private final Value.Fields config;
    private final Checkpoint checkpoint;
    private final Assembler assembler;
    private final Evaluator evaluator;
    private final List<String> warnings = new ArrayList<>();

    /**
     * What a family makes of a model.
     *
     * @param graph what it computes
     * @param warnings what a user should know
     */
    record Built(Graph graph, List<String> warnings) {}

    /**
     * Prepares a build.
     *
     * @param place the configuration's file, for messages
     * @param family the family's file
     * @param library where the files are that it uses
     * @param config the configuration; gets defaults, and what GGUF metadata say
     * @param metadata of a GGUF file, or null
     * @param architecture of a GGUF file, or null
     */
    ModelBuilder(
            String place,
            FamilyFile family,
            FamilyLibrary library,
            Value.Fields config,
            TensorSource tensors,
            GgufMetadata metadata,
            String architecture) {
        this.place = place;
        this.gguf = metadata != null;
        this.config = config;
        this.files = files(family, library, gguf);
        List<Alias> aliases = new ArrayList<>();
        List<TensorRule> tensorRules = new ArrayList<>();
        for (FamilyFile file : files) {
            aliases.addAll(file.aliases());
            tensorRules.addAll(file.ggufTensors());
        }
        GgufRules rules = metadata == null ? null : new GgufRules(tensorRules);
        this.checkpoint = new Checkpoint(tensors, aliases, rules, ScaledFloat8.Quantisation.of(config));
        this.assembler = new Assembler(family.name());
        Map<String, Function> functions = new HashMap<>();
        add(functions, Functions.functions(warnings));
        add(functions, ModelFunctions.functions(checkpoint, assembler, config));
        add(functions, Operators.functions(assembler));
        if (metadata != null) {
            add(functions, GgufRules.functions(metadata, architecture));
        }
        this.evaluator = new Evaluator(place, config, functions, assembler, (operator, left, right) -> {
            boolean node = left instanceof Value.Node || right instanceof Value.Node;
            return node
                    ? Operators.arithmetic(assembler, operator, left, right)
                    : checkpoint.derived(WeightMath.apply(operator, left, right));
        });
        evaluator.define("gguf", Value.of(gguf));
        if (rules != null) {
            rules.evaluateBy(evaluator);
        }
    }

    private static void add(Map<String, Function> functions, List<Function> more) {
        for (Function function : more) {
            if (functions.put(function.name(), function) != null) {
                throw new IllegalStateException("two functions are called " + function.name());
            }
        }
    }

    /** The family's file and, behind it, the files that it uses, each once. */
    private static List<FamilyFile> files(FamilyFile family, FamilyLibrary library, boolean gguf) {
        List<FamilyFile> files = new ArrayList<>(List.of(family));
        Set<String> names = new LinkedHashSet<>(List.of(family.name()));
        for (int i = 0; i < files.size(); i++) {
            List<String> uses = new ArrayList<>(files.get(i).uses());
            if (gguf && i == files.size() - 1) {
                uses.add(SHARED_GGUF);
            }
            for (String name : uses) {
                if (names.add(name)) {
                    FamilyFile used = library.file(name);
                    if (used == null) {
                        throw new InvalidInputException(files.get(i).name() + ".family: uses '" + name
                                + "', but there is no file " + name + ".family");
                    }
                    files.add(used);
                }
            }
        }
        return files;
    }

    /** Whether a condition of the family's file holds; over metadata. */
    boolean holds(Expression condition) {
        return Arithmetic.truth(evaluator.evaluate(condition, Map.of()));
    }

    /** Builds and checks the graph. */
    Built build() {
        for (FamilyFile file : files.reversed()) {
            evaluator.run(definitions(file.body(), true));
        }
        for (FamilyFile file : files) {
            for (Setting setting : gguf ? file.ggufConfig() : List.<Setting>of()) {
                if (!config.values().containsKey(setting.key())) {
                    configure(setting);
                }
            }
        }
        for (FamilyFile file : files) {
            for (Setting setting : file.defaults()) {
                Value present = config.values().get(setting.key());
                if (present == null || setting.replacesNull() && present instanceof Value.Null) {
                    configure(setting);
                }
            }
        }
        for (FamilyFile file : files.reversed()) {
            evaluator.run(definitions(file.body(), false));
        }
        Graph graph = assembler.build();
        if (!graph.outputs().containsKey("logits")) {
            throw new InvalidInputException(files.getFirst().name() + ".family: gives no output \"logits\"");
        }
        try {
            Verifier.check(graph);
        } catch (InvalidGraphException e) {
            throw new InvalidInputException(place + ": gives no valid graph: " + e.getMessage(), e);
        }
        warnUnused();
        return new Built(graph, warnings);
    }

    /** Functions are known before any other statement runs, and to the settings. */
    private static List<Statement> definitions(List<Statement> body, boolean wanted) {
        return body.stream()
                .filter(statement -> statement instanceof Statement.Define == wanted)
                .toList();
    }

    private void configure(Setting setting) {
        Value value = evaluator.evaluate(setting.value(), Map.of());
        // A key that stays null is left out, so that a later default can fill it.
        if (!(value instanceof Value.Null) || config.values().get(setting.key()) == null) {
            String origin = config.origin() + setting.key();
            boolean missing = value instanceof Value.Null && value.origin() != null;
            if (!missing) {
                config.values().put(setting.key(), value.origin() == null ? Config.at(value, origin) : value);
            }
        }
    }

    private void warnUnused() {
        List<Pattern> ignored = new ArrayList<>();
        for (FamilyFile file : files) {
            for (String glob : file.ignored()) {
                ignored.add(Pattern.compile(Pattern.quote(glob).replace("*", "\\E.*\\Q")));
            }
        }
        List<String> unused = checkpoint.unused().stream()
                .filter(name -> ignored.stream()
                        .noneMatch(pattern -> pattern.matcher(name).matches()))
                .toList();
        if (!unused.isEmpty()) {
            warnings.add("the checkpoint has " + unused.size() + " tensors that the model does not use: "
                    + String.join(", ", unused.subList(0, Math.min(NAMED_TENSORS, unused.size())))
                    + (unused.size() > NAMED_TENSORS ? ", ..." : ""));
        }
    }

    /** The configuration, with defaults. */
    Value.Fields config() {
        return config;
    }
}

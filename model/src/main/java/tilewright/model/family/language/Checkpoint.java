package tilewright.model.family.language;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tilewright.model.InvalidInputException;
import tilewright.model.family.language.FamilyFile.Alias;
import tilewright.model.family.language.ScaledFloat8.Quantisation;
import tilewright.model.graph.EncodedMatrix;
import tilewright.model.graph.ParameterData;
import tilewright.model.tensor.NearestName;
import tilewright.model.tensor.TensorInfo;
import tilewright.model.tensor.TensorSource;

/**
 * A checkpoint's tensors as weights, under the names that family files use; remembers which were asked for.
 *
 * <p>A name stands for itself, for another spelling of it, or in a GGUF file for what the family's rules say. A {@code *} in it
 * stands for the number of an expert.
 */
final class Checkpoint {
    private static final long MAX_EXTENT = Integer.MAX_VALUE - 8;

    private final TensorSource tensors;
    private final List<Alias> aliases;
    private final Rules rules;
    private final Quantisation quantisation;
    private final Set<String> used = new HashSet<>();
    private final Map<String, Value.Weight> weights = new HashMap<>();

    /** What GGUF rules make of a name; null where no rule fits. */
    interface Rules {
        Value apply(String name);
    }

    /**
     * The tensors of one model.
     *
     * @param aliases tried in order when a name is not there
     * @param rules for GGUF files, or null
     * @param quantisation how the configuration says that the checkpoint was quantised, of 8-bit floats, and for messages
     */
    Checkpoint(TensorSource tensors, List<Alias> aliases, Rules rules, Quantisation quantisation) {
        this.quantisation = quantisation;
        this.tensors = tensors;
        this.aliases = aliases;
        this.rules = rules;
    }

    /** Whether {@link #weight} would find the name. */
    boolean has(String name) {
        if (rules == null) {
            return stored(name) != null;
        }
        Value value = rules.apply(name);
        return switch (value) {
            case Value.Text(String text, String origin) -> stored(text) != null;
            case Value.Weight weight -> true;
            case null, default -> false;
        };
    }

    /** Whether the file has a tensor of exactly this name. */
    boolean hasStored(String name) {
        return tensors.names().contains(name);
    }

    /** The weight of this name; missing tensors are the user's fault. */
    Value.Weight weight(String name) {
        if (rules == null) {
            String stored = stored(name);
            return storedWeight(stored == null ? name : stored);
        }
        Value value = rules.apply(name);
        return switch (value) {
            case Value.Text(String text, String origin) -> storedWeight(text);
            case Value.Weight weight -> weight;
            case null, default -> throw Fault.author("no rule of 'gguf tensors:' fits the tensor '" + name + "'");
        };
    }

    /** Tensors of one shape under one another, [count, ...]: {@code *} in the name counts from 0. */
    Value.Weight stacked(String pattern, int count) {
        String name = pattern;
        if (rules != null) {
            Value value = rules.apply(pattern);
            switch (value) {
                case Value.Text(String text, String origin) -> name = text;
                case Value.Weight weight -> {
                    return stack(weight, count);
                }
                case null, default ->
                    throw Fault.author("no rule of 'gguf tensors:' fits the tensor '" + pattern + "'");
            }
        }
        if (!name.contains("*")) {
            return stack(storedWeight(name), count);
        }
        String key = name + "[" + count + "]";
        Value.Weight known = weights.get(key);
        if (known != null) {
            return known;
        }
        String first = stored(name.replace("*", "0"));
        // The spelling of the first holds for all.
        if (first != null && !first.equals(name.replace("*", "0"))) {
            name = respelled(name);
        }
        List<String> names = new ArrayList<>();
        List<Long> shape = null;
        int star = name.indexOf('*');
        for (int i = 0; i < count; i++) {
            String part = name.substring(0, star) + i + name.substring(star + 1);
            TensorInfo info = info(part);
            if (shape != null && !info.shape().equals(shape)) {
                throw new InvalidInputException(info.file() + ": tensor " + InvalidInputException.quoted(part)
                        + " has shape " + info.shape() + ", expected " + shape + " as '" + names.getFirst() + "' has");
            }
            shape = info.shape();
            names.add(part);
        }
        List<Long> whole = new ArrayList<>(List.of((long) count));
        whole.addAll(shape);
        Value.Weight weight = new Value.Weight(
                key,
                whole,
                new StoredRows(key, () -> names.stream().map(this::part).toList()));
        weights.put(key, weight);
        return weight;
    }

    private static Value.Weight stack(Value.Weight weight, int count) {
        if (weight.shape().isEmpty() || weight.shape().getFirst() != count) {
            throw new InvalidInputException("tensor " + InvalidInputException.quoted(weight.name()) + " has shape "
                    + weight.shape() + ", expected " + count + " experts in its first dimension");
        }
        return weight;
    }

    private String respelled(String name) {
        for (Alias alias : aliases) {
            if (name.startsWith(alias.from())
                    && hasStored((alias.to() + name.substring(alias.from().length())).replace("*", "0"))) {
                return alias.to() + name.substring(alias.from().length());
            }
        }
        return name;
    }

    /** The name in the file, or null. */
    private String stored(String name) {
        if (hasStored(name)) {
            return name;
        }
        String other = respelled(name);
        return hasStored(other) ? other : null;
    }

    /** A tensor by its name in the file. */
    Value.Weight storedWeight(String name) {
        Value.Weight known = weights.get(name);
        if (known != null) {
            return known;
        }
        TensorInfo info = info(name);
        ParameterData data = ScaledFloat8.scales(tensors, name) == null
                ? ParameterData.stored(tensors, name)
                : new StoredRows(name, () -> List.of(part(name)));
        Value.Weight weight = new Value.Weight(name, info.shape(), data);
        weights.put(name, weight);
        return weight;
    }

    /** A tensor as it is stored, or with its scales where they are a tensor of their own. */
    private EncodedMatrix part(String name) {
        String scales = ScaledFloat8.scales(tensors, name);
        return scales == null
                ? EncodedMatrix.of(tensors, name)
                : ScaledFloat8.multiplied(tensors, name, scales, quantisation);
    }

    /** A tensor of bytes, as it is stored. */
    EncodedMatrix bytes(String name) {
        used.add(name);
        return EncodedMatrix.of(tensors, name);
    }

    /** The shape of any tensor. */
    TensorInfo describe(String name) {
        String stored = stored(name);
        if (stored == null) {
            throw missing(name);
        }
        used.add(stored);
        return tensors.info(stored);
    }

    /** A weight that was made from others: the first of its name. */
    Value.Weight derived(Value.Weight weight) {
        Value.Weight known = weights.putIfAbsent(weight.name(), weight);
        return known != null ? known : weight;
    }

    private TensorInfo info(String name) {
        if (!hasStored(name)) {
            throw missing(name);
        }
        used.add(name);
        TensorInfo info = tensors.info(name);
        if (!info.dtype().isFloat()) {
            throw new InvalidInputException(info.file() + ": tensor " + InvalidInputException.quoted(name)
                    + " has type " + info.dtype().label()
                    + ", expected numbers; is the checkpoint quantised in a way that is not supported?");
        }
        String scales = ScaledFloat8.scales(tensors, name);
        if (scales != null) {
            used.add(scales);
        }
        for (long extent : info.shape()) {
            if (extent < 1 || extent > MAX_EXTENT) {
                throw new InvalidInputException(info.file() + ": tensor " + InvalidInputException.quoted(name)
                        + " has shape " + info.shape() + ", expected extents from 1 to " + MAX_EXTENT);
            }
        }
        return info;
    }

    private InvalidInputException missing(String name) {
        Set<String> names = tensors.names();
        String place = names.isEmpty()
                ? "the checkpoint"
                : tensors.info(names.iterator().next()).file().toString();
        return new InvalidInputException(place + ": tensor " + InvalidInputException.quoted(name) + " is missing"
                + NearestName.hint(name, names) + " (the checkpoint has " + names.size() + " tensors"
                + (quantisation.method() == null
                        ? ""
                        : ", quantised by " + InvalidInputException.quoted(quantisation.method()))
                + ")");
    }

    /** Tensors that were not asked for, sorted. */
    List<String> unused() {
        return tensors.names().stream().filter(name -> !used.contains(name)).toList();
    }
}

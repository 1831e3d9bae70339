package tilewright.model.family.language;

import java.util.List;
import tilewright.model.InvalidInputException;
import tilewright.model.graph.Dim;
import tilewright.model.graph.Embed;
import tilewright.model.graph.Graph;
import tilewright.model.graph.Node;
import tilewright.model.graph.Parameter;
import tilewright.model.graph.Type;

/**
 * Holds a configuration's sizes against those of the tensors: shapes are inferred from the tensors, so a configuration of
 * another model would go unnoticed where they are not needed.
 */
final class ConfiguredSizes {
    private static final List<String> WIDTH_KEYS = List.of("hidden_size", "n_embd", "d_model");
    private static final List<String> VOCABULARY_KEYS = List.of("vocab_size");

    private ConfiguredSizes() {}

    /**
     * Refuses a width or, for folders, a vocabulary that differs from the embedding table's.
     *
     * @param file what messages begin with
     * @param folder whether the configuration is a config.json; GGUF files may pad their tables
     */
    static void check(String file, boolean folder, Graph graph, Value.Fields config) {
        for (Node node : graph.nodes()) {
            Parameter table = node.op() instanceof Embed
                    ? graph.parameters().get(node.inputs().get(1))
                    : null;
            if (table != null) {
                // Some models embed in a narrower space than they compute in.
                Type hidden = graph.types().get("embed");
                long width = size(table, 1);
                if (hidden != null && hidden.shape().dim(-1) instanceof Dim.Fixed(long computed) && computed == width) {
                    require(file, config, WIDTH_KEYS, width, table, "columns");
                }
                if (folder) {
                    require(file, config, VOCABULARY_KEYS, size(table, 0), table, "rows");
                }
                return;
            }
        }
    }

    private static long size(Parameter table, int axis) {
        return table.type().shape().dim(axis) instanceof Dim.Fixed(long size) ? size : -1;
    }

    private static void require(
            String file, Value.Fields config, List<String> keys, long found, Parameter table, String what) {
        for (String key : keys) {
            if (config.values().get(key) instanceof Value.Whole(long said, String origin)) {
                if (said != found && found >= 0) {
                    throw new InvalidInputException(file + ": " + key + " is " + said + ", but '" + table.name()
                            + "' has " + found + " " + what + "; do configuration and weights belong to one model?");
                }
                return;
            }
        }
    }
}

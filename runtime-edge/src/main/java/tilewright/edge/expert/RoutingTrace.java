package tilewright.edge.expert;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import tilewright.model.InvalidInputException;

/**
 * Which experts a model chose for the tokens of a text, to be replayed with another model: random weights route evenly, trained
 * ones do not.
 *
 * <p>Tokens that did not go through all layers, as all but a prompt's last one in the last layer, are left out. Of a model with other numbers of layers and experts the trace's layers are spread evenly over the layers, and expert e
 * stands for expert e modulo the number of experts; where that gives too few different ones, the trace's next layers add theirs.
 * After the last token the first one follows.
 */
public final class RoutingTrace {
    private static final String HEADER = "# route_trace v1";
    private static final int COLUMNS = 6;
    private static final int MOST_INDEX = 1 << 16;
    private static final int MOST_CHOICES = 1 << 26;

    /** [token][layer] the experts in the order of the choice. */
    private final int[][][] chosen;

    private final double recall;
    private final Map<List<Integer>, GuessModel> models = new ConcurrentHashMap<>();

    private RoutingTrace(int[][][] chosen, double recall) {
        this.chosen = chosen;
        this.recall = recall;
    }

    /**
     * This trace with guesses of the next layer's experts that are drawn: a router of random weights cannot foresee a replay.
     *
     * @param value the part of the guesses that are right, 0 to 1; 0 for no guesses
     */
    public RoutingTrace withRecall(double value) {
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException("recall is " + value + ", expected 0 to 1");
        }
        return new RoutingTrace(chosen, value);
    }

    /** Whether there are guesses. */
    public boolean guesses() {
        return recall > 0;
    }

    /**
     * Draws a guess of what {@link #route} gives, most probable experts first, as {@link GuessModel} does; safe for use by several
     * threads.
     *
     * @param token counted from 0; the same guess for the same token and layer
     */
    public void guess(long token, int layer, int layers, int experts, int[] ids, int at, int count) {
        route(token, layer, layers, experts, ids, at, count);
        GuessModel model = models.computeIfAbsent(
                List.of(experts, count), shape -> GuessModel.of(shape.get(0), shape.get(1), recall));
        model.draw(new SplittableRandom(token * layers + layer), ids, at, count);
    }

    /**
     * Reads a trace: lines {@code turn,phase,step,layer,slot,expert,...}, each token's layers in their order.
     *
     * @throws InvalidInputException naming file and line when it is none
     */
    public static RoutingTrace read(Path file) {
        Map<String, List<int[]>> tokens = new LinkedHashMap<>();
        int choices = 0;
        int most = 0;
        try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            String line = lines.readLine();
            if (line == null || !line.strip().equals(HEADER)) {
                throw new InvalidInputException(
                        file + ": is no trace of routing; its first line must be '" + HEADER + "'");
            }
            int number = 1;
            for (line = lines.readLine(); line != null; line = lines.readLine()) {
                number++;
                if (line.isBlank() || line.startsWith("#") || line.startsWith("turn,")) {
                    continue;
                }
                String[] fields = line.split(",", COLUMNS + 1);
                int[] values = fields.length < COLUMNS ? null : numbers(fields);
                if (values == null || ++choices > MOST_CHOICES) {
                    throw new InvalidInputException(file + ": line " + number + " is "
                            + InvalidInputException.quoted(line) + ", expected turn,phase,step,layer,slot,expert");
                }
                List<int[]> layers =
                        tokens.computeIfAbsent(fields[0] + "," + fields[1] + "," + fields[2], _ -> new ArrayList<>());
                int layer = values[3];
                if (layer == layers.size()) {
                    layers.add(new int[0]);
                } else if (layer != layers.size() - 1) {
                    throw new InvalidInputException(file + ": line " + number + " is of layer " + layer
                            + ", expected each token's layers in their order");
                }
                int[] before = layers.getLast();
                int[] now = Arrays.copyOf(before, before.length + 1);
                now[before.length] = values[5];
                layers.set(layer, now);
                most = Math.max(most, layers.size());
            }
        } catch (IOException e) {
            throw new InvalidInputException(file + ": cannot be read (" + InvalidInputException.reason(e) + ")", e);
        }
        int layers = most;
        int[][][] chosen = tokens.values().stream()
                .filter(token -> token.size() == layers)
                .map(token -> token.toArray(int[][]::new))
                .toArray(int[][][]::new);
        if (chosen.length == 0) {
            throw new InvalidInputException(file + ": holds no token");
        }
        return new RoutingTrace(chosen, 0);
    }

    /** Six numbers; null when one is none, or too large. */
    private static int[] numbers(String[] fields) {
        int[] values = new int[COLUMNS];
        for (int i = 0; i < COLUMNS; i++) {
            try {
                values[i] = Integer.parseInt(fields[i]);
            } catch (NumberFormatException e) {
                return null;
            }
            if (values[i] < 0 || values[i] > MOST_INDEX) {
                return null;
            }
        }
        return values;
    }

    /** The number of tokens. */
    public int tokens() {
        return chosen.length;
    }

    /** The number of layers. */
    public int layers() {
        return chosen[0].length;
    }

    /** The experts that a token went to in a layer of the trace, as they are there. */
    public int[] chosen(int token, int layer) {
        return chosen[token][layer].clone();
    }

    /**
     * The experts that a token goes to.
     *
     * @param token counted from 0, any number
     * @param layer of {@code layers}
     * @param experts of the layer, at least {@code count}
     * @param ids takes {@code count} different ones from index {@code at} on
     */
    public void route(long token, int layer, int layers, int experts, int[] ids, int at, int count) {
        int[][] row = chosen[(int) (token % chosen.length)];
        int first = (int) ((long) layer * row.length / layers);
        int found = 0;
        for (int next = 0; next < row.length && found < count; next++) {
            for (int expert : row[(first + next) % row.length]) {
                if (found < count && isNew(ids, at, found, expert % experts)) {
                    ids[at + found++] = expert % experts;
                }
            }
        }
        for (int expert = 0; found < count; expert++) {
            if (isNew(ids, at, found, expert)) {
                ids[at + found++] = expert;
            }
        }
    }

    private static boolean isNew(int[] ids, int at, int found, int expert) {
        for (int i = at; i < at + found; i++) {
            if (ids[i] == expert) {
                return false;
            }
        }
        return true;
    }
}

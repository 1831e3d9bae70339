package tilewright.model.tokenizer;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tilewright.model.InvalidInputException;

/**
 * A {@code tokenizer.json} as read: its large parts, vocabulary and merges, as plain lists, all else as a tree.
 *
 * @param root everything but the vocabulary and the merges
 * @param tokens the vocabulary's tokens in the file's order
 * @param ids the id of each
 * @param scores the score of each, of a unigram vocabulary; otherwise empty
 * @param merges pairs that are merged, best first: left, right, left, right and so on
 */
record HfFile(JsonValue root, List<String> tokens, int[] ids, double[] scores, List<String> merges) {
    static final int MAX_ID = 1 << 23;

    /** Reads a file. */
    static HfFile read(Path file) {
        return JsonFile.read(file, parser -> new Reader(file, parser).read());
    }

    /** Goes through the file once. */
    private static final class Reader {
        private final Path file;
        private final JsonParser parser;
        private final List<String> tokens = new ArrayList<>();
        private final List<String> merges = new ArrayList<>();
        private final IntList ids = new IntList(1024);
        private double[] scores = new double[0];

        Reader(Path file, JsonParser parser) {
            this.file = file;
            this.parser = parser;
        }

        HfFile read() throws IOException {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw damaged("the document is not an object");
            }
            ObjectNode root = JsonFile.MAPPER.createObjectNode();
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String name = parser.currentName();
                JsonToken value = parser.nextToken();
                if (name.equals("model") && value == JsonToken.START_OBJECT) {
                    root.set(name, model());
                } else {
                    root.set(name, JsonFile.MAPPER.readTree(parser));
                }
            }
            return new HfFile(new JsonValue(file.toString(), "", root), tokens, ids.toArray(), scores, merges);
        }

        private ObjectNode model() throws IOException {
            ObjectNode model = JsonFile.MAPPER.createObjectNode();
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String name = parser.currentName();
                JsonToken value = parser.nextToken();
                switch (name) {
                    case "vocab" -> vocabulary(value);
                    case "merges" -> merges(value);
                    default -> model.set(name, JsonFile.MAPPER.readTree(parser));
                }
            }
            return model;
        }

        private void vocabulary(JsonToken start) throws IOException {
            if (start == JsonToken.START_OBJECT) {
                while (parser.nextToken() != JsonToken.END_OBJECT) {
                    tokens.add(parser.currentName());
                    if (parser.nextToken() != JsonToken.VALUE_NUMBER_INT
                            || parser.getLongValue() < 0
                            || parser.getLongValue() > MAX_ID) {
                        throw damaged("'model.vocab' gives " + InvalidInputException.quoted(tokens.getLast())
                                + " the id " + InvalidInputException.quoted(parser.getText())
                                + ", expected an integer from 0 to " + MAX_ID);
                    }
                    ids.add(parser.getIntValue());
                }
            } else if (start == JsonToken.START_ARRAY) {
                scored();
            } else {
                throw damaged("'model.vocab' is neither an object nor an array");
            }
        }

        private void scored() throws IOException {
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                boolean pair =
                        parser.currentToken() == JsonToken.START_ARRAY && parser.nextToken() == JsonToken.VALUE_STRING;
                if (!pair || tokens.size() > MAX_ID) {
                    throw damaged("'model.vocab[" + tokens.size() + "]' is not a pair of a token and its score");
                }
                tokens.add(parser.getText());
                JsonToken score = parser.nextToken();
                if (score == null || !score.isNumeric()) {
                    throw damaged("'model.vocab[" + ids.size() + "]' is not a pair of a token and its score");
                }
                if (ids.size() == scores.length) {
                    scores = java.util.Arrays.copyOf(scores, Math.max(1024, scores.length * 2));
                }
                scores[ids.size()] = parser.getDoubleValue();
                ids.add(ids.size());
                if (parser.nextToken() != JsonToken.END_ARRAY) {
                    throw damaged("'model.vocab[" + (ids.size() - 1) + "]' has more than a token and its score");
                }
            }
        }

        private void merges(JsonToken start) throws IOException {
            if (start == JsonToken.VALUE_NULL) {
                return;
            }
            if (start != JsonToken.START_ARRAY) {
                throw damaged("'model.merges' is not an array");
            }
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                if (parser.currentToken() == JsonToken.VALUE_STRING) {
                    String merge = parser.getText();
                    int space = merge.indexOf(' ');
                    if (space < 0 || merge.indexOf(' ', space + 1) >= 0) {
                        throw damaged("'model.merges[" + merges.size() / 2 + "]' is "
                                + InvalidInputException.quoted(merge) + ", expected two parts separated by a space");
                    }
                    merges.add(merge.substring(0, space));
                    merges.add(merge.substring(space + 1));
                } else {
                    pair();
                }
            }
        }

        private void pair() throws IOException {
            boolean pair =
                    parser.currentToken() == JsonToken.START_ARRAY && parser.nextToken() == JsonToken.VALUE_STRING;
            String left = pair ? parser.getText() : "";
            pair = pair && parser.nextToken() == JsonToken.VALUE_STRING;
            String right = pair ? parser.getText() : "";
            if (!pair || parser.nextToken() != JsonToken.END_ARRAY) {
                throw damaged("'model.merges[" + merges.size() / 2 + "]' is neither a string nor a pair of strings");
            }
            merges.add(left);
            merges.add(right);
        }

        private InvalidInputException damaged(String problem) {
            return new InvalidInputException(file + ": " + problem + "; the file is damaged, fetch it again");
        }
    }
}

package tilewright.model.tokenizer;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** Makes functions from tokens to pieces of text of the {@code decoder} of a {@code tokenizer.json}. */
final class HfDecoders {
    private static final List<String> KINDS = List.of(
            "Sequence",
            "ByteLevel",
            "Metaspace",
            "WordPiece",
            "ByteFallback",
            "Fuse",
            "Strip",
            "Replace",
            "BPEDecoder",
            "CTC");

    private HfDecoders() {}

    /** The function of a decoder; without one, tokens are words separated by spaces. */
    static UnaryOperator<List<String>> of(JsonValue json) {
        if (!json.isPresent()) {
            return tokens -> List.of(String.join(" ", tokens));
        }
        return switch (json.type()) {
            case "Sequence" -> sequence(json.get("decoders"));
            case "ByteLevel" -> HfDecoders::byteLevel;
            case "Metaspace" -> metaspace(json);
            case "WordPiece" -> wordPiece(json);
            case "ByteFallback" -> HfDecoders::byteFallback;
            case "Fuse" -> tokens -> List.of(String.join("", tokens));
            case "Strip" -> strip(json);
            case "Replace" -> {
                UnaryOperator<String> replacement = HfPattern.of(json.get("pattern"))
                        .replacement(json.get("content").text());
                yield tokens -> tokens.stream().map(replacement).toList();
            }
            case "BPEDecoder" -> {
                String suffix = json.get("suffix").text("</w>");
                yield tokens -> endOfWord(tokens, suffix);
            }
            case "CTC" -> ctc(json);
            default -> throw HfKinds.unknown(json, KINDS);
        };
    }

    private static UnaryOperator<List<String>> sequence(JsonValue parts) {
        List<UnaryOperator<List<String>>> steps = new ArrayList<>();
        for (JsonValue part : parts.elements()) {
            steps.add(of(part));
        }
        return tokens -> {
            List<String> result = tokens;
            for (UnaryOperator<List<String>> step : steps) {
                result = step.apply(result);
            }
            return result;
        };
    }

    private static List<String> byteLevel(List<String> tokens) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(tokens.size() * 4);
        for (String token : tokens) {
            if (!ByteLetters.decode(token, bytes)) {
                bytes.writeBytes(token.getBytes(StandardCharsets.UTF_8));
            }
        }
        return List.of(Utf8.decode(bytes.toByteArray()));
    }

    private static UnaryOperator<List<String>> metaspace(JsonValue json) {
        String mark = json.get("replacement").text("\u2581");
        boolean prepended = !HfPreTokenizers.scheme(json).equals("never");
        return tokens -> {
            List<String> pieces = new ArrayList<>(tokens.size());
            for (String token : tokens) {
                pieces.add(token.replace(mark, pieces.isEmpty() && prepended ? "" : " "));
            }
            return pieces;
        };
    }

    private static UnaryOperator<List<String>> wordPiece(JsonValue json) {
        String prefix = json.get("prefix").text("##");
        boolean cleans = json.get("cleanup").flag(true);
        return tokens -> {
            List<String> pieces = new ArrayList<>(tokens.size());
            for (String token : tokens) {
                String piece = token;
                if (!pieces.isEmpty()) {
                    piece = token.startsWith(prefix) ? token.substring(prefix.length()) : " " + token;
                }
                pieces.add(cleans ? cleaned(piece) : piece);
            }
            return pieces;
        };
    }

    /** English spacing, as published. */
    private static String cleaned(String piece) {
        return piece.replace(" .", ".")
                .replace(" ?", "?")
                .replace(" !", "!")
                .replace(" ,", ",")
                .replace(" ' ", "'")
                .replace(" n't", "n't")
                .replace(" 'm", "'m")
                .replace(" do not", " don't")
                .replace(" 's", "'s")
                .replace(" 've", "'ve")
                .replace(" 're", "'re");
    }

    private static List<String> byteFallback(List<String> tokens) {
        List<String> pieces = new ArrayList<>(tokens.size());
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (String token : tokens) {
            int value = ByteTokens.value(token);
            if (value >= 0) {
                bytes.write(value);
            } else {
                flush(bytes, pieces);
                pieces.add(token);
            }
        }
        flush(bytes, pieces);
        return pieces;
    }

    /** Bytes that are no text become one U+FFFD each. */
    private static void flush(ByteArrayOutputStream bytes, List<String> pieces) {
        if (bytes.size() == 0) {
            return;
        }
        try {
            pieces.add(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes.toByteArray()))
                    .toString());
        } catch (CharacterCodingException e) {
            pieces.add("\uFFFD".repeat(bytes.size()));
        }
        bytes.reset();
    }

    private static UnaryOperator<List<String>> strip(JsonValue json) {
        String content = json.get("content").text();
        int start = json.get("start").count(Integer.MAX_VALUE);
        int stop = json.get("stop").count(Integer.MAX_VALUE);
        if (content.isEmpty()) {
            throw json.get("content").unexpected("one character");
        }
        return tokens -> tokens.stream()
                .map(token -> stripped(token, content, start, stop))
                .toList();
    }

    private static String stripped(String token, String content, int start, int stop) {
        int from = 0;
        int to = token.length();
        for (int i = 0; i < start && token.startsWith(content, from); i++) {
            from += content.length();
        }
        for (int i = 0;
                i < stop && to - content.length() >= from && token.startsWith(content, to - content.length());
                i++) {
            to -= content.length();
        }
        return token.substring(from, Math.max(from, to));
    }

    private static List<String> endOfWord(List<String> tokens, String suffix) {
        List<String> pieces = new ArrayList<>(tokens.size());
        for (int i = 0; i < tokens.size(); i++) {
            pieces.add(tokens.get(i).replace(suffix, i == tokens.size() - 1 ? "" : " "));
        }
        return pieces;
    }

    private static UnaryOperator<List<String>> ctc(JsonValue json) {
        String pad = json.get("pad_token").text("<pad>");
        String delimiter = json.get("word_delimiter_token").text("|");
        boolean cleans = json.get("cleanup").flag(true);
        return tokens -> {
            List<String> pieces = new ArrayList<>(tokens.size());
            String previous = null;
            for (String token : tokens) {
                if (!token.equals(previous)) {
                    String piece = token.replace(pad, "");
                    piece = cleans ? cleaned(piece).replace(delimiter, " ") : piece;
                    if (!piece.isEmpty()) {
                        pieces.add(piece);
                    }
                }
                previous = token;
            }
            return pieces;
        };
    }
}

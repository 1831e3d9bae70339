package tilewright.model.tokenizer;

import java.nio.charset.StandardCharsets;
import java.text.BreakIterator;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import tilewright.model.tokenizer.regex.CodePointSet;

/** Makes functions from text to text of the {@code normalizer} of a {@code tokenizer.json}. */
final class HfNormalizers {
    private static final List<String> KINDS = List.of(
            "Sequence",
            "NFC",
            "NFD",
            "NFKC",
            "NFKD",
            "Lowercase",
            "StripAccents",
            "BertNormalizer",
            "Replace",
            "Prepend",
            "Strip",
            "Nmt",
            "Precompiled",
            "ByteLevel");
    private static final int MAX_GROWTH = 1 << 20;
    private static final CodePointSet MARKS = CodePointSet.ofCategories(
            1 << Character.NON_SPACING_MARK | 1 << Character.COMBINING_SPACING_MARK | 1 << Character.ENCLOSING_MARK);
    private static final CodePointSet NMT_DROPPED =
            CodePointSet.of(0x01, 0x08, 0x0B, 0x0B, 0x0E, 0x1F, 0x7F, 0x7F, 0x8F, 0x8F, 0x9F, 0x9F);
    private static final CodePointSet NMT_SPACES = CodePointSet.of(
            0x09, 0x0A, 0x0C, 0x0D, 0x1680, 0x1680, 0x200B, 0x200F, 0x2028, 0x2029, 0x2581, 0x2581, 0xFEFF, 0xFEFF,
            0xFFFD, 0xFFFD);

    private HfNormalizers() {}

    /** The function of a normalizer; that which changes nothing if there is none. */
    static UnaryOperator<String> of(JsonValue json) {
        if (!json.isPresent()) {
            return UnaryOperator.identity();
        }
        String type = json.type();
        return switch (type) {
            case "Sequence" -> sequence(json.get("normalizers"));
            case "NFC" -> unicode(Normalizer.Form.NFC, 0x300);
            case "NFD" -> unicode(Normalizer.Form.NFD, 0xC0);
            case "NFKC" -> unicode(Normalizer.Form.NFKC, 0xA0);
            case "NFKD" -> unicode(Normalizer.Form.NFKD, 0xA0);
            case "Lowercase" -> BertText::lowercase;
            case "StripAccents" -> HfNormalizers::stripMarks;
            case "BertNormalizer" -> bert(json);
            case "Replace" ->
                HfPattern.of(json.get("pattern"))
                        .replacement(json.get("content").text());
            case "Prepend" -> {
                String prefix = json.get("prepend").text();
                yield text -> text.isEmpty() ? text : prefix + text;
            }
            case "Strip" -> {
                boolean left = json.get("strip_left").flag(true);
                boolean right = json.get("strip_right").flag(true);
                yield text -> strip(text, left, right);
            }
            case "Nmt" -> HfNormalizers::nmt;
            case "Precompiled" -> precompiled(json.get("precompiled_charsmap"));
            case "ByteLevel" -> ByteLetters::encode;
            default -> throw HfKinds.unknown(json, KINDS);
        };
    }

    private static UnaryOperator<String> sequence(JsonValue parts) {
        List<UnaryOperator<String>> steps = new ArrayList<>();
        for (JsonValue part : parts.elements()) {
            steps.add(of(part));
        }
        return text -> {
            String result = text;
            for (UnaryOperator<String> step : steps) {
                result = step.apply(result);
                if (result.length() > Math.max(MAX_GROWTH, 16L * text.length())) {
                    throw parts.failure("makes " + result.length() + " characters of " + text.length()
                            + "; the file is damaged, fetch it again");
                }
            }
            return result;
        };
    }

    /** @param changing the first character that the form may change; a text of lower ones stays as it is */
    private static UnaryOperator<String> unicode(Normalizer.Form form, int changing) {
        return text -> {
            for (int i = 0; i < text.length(); i++) {
                if (text.charAt(i) >= changing) {
                    return Normalizer.normalize(text, form);
                }
            }
            return text;
        };
    }

    private static UnaryOperator<String> bert(JsonValue json) {
        boolean clean = json.get("clean_text").flag(true);
        boolean han = json.get("handle_chinese_chars").flag(true);
        boolean lowercase = json.get("lowercase").flag(true);
        boolean stripAccents = json.get("strip_accents").flag(lowercase);
        return text -> BertText.normalize(text, clean, han, stripAccents, lowercase);
    }

    private static String strip(String text, boolean left, boolean right) {
        int from = 0;
        int to = text.length();
        while (left && from < to && Characters.isWhiteSpace(text.charAt(from))) {
            from++;
        }
        while (right && to > from && Characters.isWhiteSpace(text.charAt(to - 1))) {
            to--;
        }
        return text.substring(from, to);
    }

    /** Without marks of any kind, while BERT's own normalizer keeps the spacing ones. */
    private static String stripMarks(String text) {
        StringBuilder out = new StringBuilder(text.length());
        text.codePoints().filter(c -> !MARKS.contains(c)).forEach(out::appendCodePoint);
        return out.toString();
    }

    private static String nmt(String text) {
        StringBuilder out = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (NMT_SPACES.contains(c)) {
                out.append(' ');
            } else if (!NMT_DROPPED.contains(c)) {
                out.append(c);
            }
        }
        return out.toString();
    }

    private static UnaryOperator<String> precompiled(JsonValue json) {
        if (!json.isPresent() || json.text().isEmpty()) {
            return UnaryOperator.identity();
        }
        Charsmap charsmap;
        try {
            charsmap = Charsmap.of(Base64.getDecoder().decode(json.text()));
        } catch (IllegalArgumentException e) {
            throw json.failure("is damaged: " + e.getMessage());
        }
        return text -> apply(charsmap, text);
    }

    /** Whole graphemes of less than six bytes are looked up first, and then the characters of the others. */
    private static String apply(Charsmap charsmap, String text) {
        StringBuilder out = new StringBuilder(text.length());
        BreakIterator graphemes = null;
        int at = 0;
        while (at < text.length()) {
            int end = at + 1;
            char c = text.charAt(at);
            boolean plain = c >= ' ' && c < 0x7F && (end == text.length() || text.charAt(end) < 0x300);
            if (!plain) {
                if (graphemes == null) {
                    graphemes = BreakIterator.getCharacterInstance(Locale.ROOT);
                    graphemes.setText(text);
                }
                end = graphemes.following(at);
            }
            String grapheme = text.substring(at, end);
            String whole = grapheme.getBytes(StandardCharsets.UTF_8).length < 6 ? replaced(charsmap, grapheme) : null;
            if (whole != null) {
                out.append(whole);
            } else {
                grapheme.codePoints().forEach(codePoint -> {
                    String single = Character.toString(codePoint);
                    String replaced = replaced(charsmap, single);
                    out.append(replaced == null ? single : replaced);
                });
            }
            at = end;
        }
        return out.toString();
    }

    private static String replaced(Charsmap charsmap, String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        Charsmap.Match match = charsmap.find(utf8, 0, utf8.length, false);
        return match == null ? null : charsmap.replacement(match);
    }
}

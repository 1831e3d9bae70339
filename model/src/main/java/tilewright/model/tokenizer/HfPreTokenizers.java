package tilewright.model.tokenizer;

import java.util.ArrayList;
import java.util.List;
import tilewright.model.tokenizer.HfPieces.Behaviour;
import tilewright.model.tokenizer.HfPieces.Piece;
import tilewright.model.tokenizer.regex.Regex;

/** Makes steps of the {@code pre_tokenizer} of a {@code tokenizer.json}. */
final class HfPreTokenizers {
    private static final List<String> KINDS = List.of(
            "Sequence",
            "ByteLevel",
            "Split",
            "Metaspace",
            "Whitespace",
            "WhitespaceSplit",
            "BertPreTokenizer",
            "Digits",
            "Punctuation",
            "CharDelimiterSplit",
            "FixedLength");
    private static final List<String> BEHAVIOURS =
            List.of("Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous");
    private static final String GPT2 =
            "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

    /** Turns bytes into letters; the last step of byte-level vocabularies, which the caller can do itself. */
    static final HfPieces LETTERS =
            (piece, next) -> next.piece(new Piece(ByteLetters.encode(piece.text()), piece.first()));

    private HfPreTokenizers() {}

    /** The steps of a pre-tokenizer; none if there is none. */
    static List<HfPieces> of(JsonValue json) {
        if (!json.isPresent()) {
            return List.of();
        }
        return switch (json.type()) {
            case "Sequence" -> {
                List<HfPieces> steps = new ArrayList<>();
                for (JsonValue part : json.get("pretokenizers").elements()) {
                    steps.addAll(of(part));
                }
                yield steps;
            }
            case "ByteLevel" -> byteLevel(json);
            case "Split" -> {
                HfPattern pattern = HfPattern.of(json.get("pattern"));
                boolean invert = json.get("invert").flag(false);
                yield List.of(HfPieces.split(
                        invert ? pattern.inverted() : pattern, behaviour(json.get("behavior"), Behaviour.ISOLATED)));
            }
            case "Metaspace" -> metaspace(json);
            case "Whitespace" ->
                List.of(HfPieces.split(
                        HfPattern.regex(Regex.compile("[\\w\\x{200C}\\x{200D}]+|[^\\w\\s\\x{200C}\\x{200D}]+"))
                                .inverted(),
                        Behaviour.REMOVED));
            case "WhitespaceSplit" ->
                List.of(HfPieces.split(HfPattern.characters(Characters::isWhiteSpace), Behaviour.REMOVED));
            case "BertPreTokenizer" ->
                List.of((piece, next) -> BertText.split(
                        piece.text(),
                        (text, from, to) ->
                                next.piece(new Piece(text.substring(from, to), piece.first() && from == 0))));
            case "Digits" ->
                List.of(HfPieces.split(
                        HfPattern.characters(Characters::isNumeric),
                        json.get("individual_digits").flag(false) ? Behaviour.ISOLATED : Behaviour.CONTIGUOUS));
            case "Punctuation" ->
                List.of(HfPieces.split(
                        HfPattern.characters(Characters::isPunctuation),
                        behaviour(json.get("behavior"), Behaviour.ISOLATED)));
            case "CharDelimiterSplit" ->
                List.of(HfPieces.split(HfPattern.literal(json.get("delimiter").text()), Behaviour.REMOVED));
            case "FixedLength" -> {
                int length = Math.max(1, json.get("length").count(1 << 20));
                yield List.of((piece, next) -> fixedLength(piece, length, next));
            }
            default -> throw HfKinds.unknown(json, KINDS);
        };
    }

    private static List<HfPieces> byteLevel(JsonValue json) {
        List<HfPieces> steps = new ArrayList<>();
        if (json.get("add_prefix_space").flag(true)) {
            steps.add((piece, next) ->
                    next.piece(piece.text().startsWith(" ") ? piece : new Piece(" " + piece.text(), piece.first())));
        }
        if (json.get("use_regex").flag(true)) {
            steps.add(HfPieces.split(HfPattern.regex(Regex.compile(GPT2)), Behaviour.ISOLATED));
        }
        steps.add(LETTERS);
        return steps;
    }

    private static List<HfPieces> metaspace(JsonValue json) {
        String mark = json.get("replacement").text("\u2581");
        if (mark.codePointCount(0, mark.length()) != 1) {
            throw json.get("replacement").failure("has " + mark.length() + " characters, expected one");
        }
        String scheme = scheme(json);
        List<HfPieces> steps = new ArrayList<>();
        steps.add((piece, next) -> {
            String text = piece.text().replace(" ", mark);
            boolean prepends =
                    !text.startsWith(mark) && (scheme.equals("always") || scheme.equals("first") && piece.first());
            next.piece(new Piece(prepends ? mark + text : text, piece.first()));
        });
        if (json.get("split").flag(true)) {
            steps.add(HfPieces.split(HfPattern.literal(mark), Behaviour.MERGED_WITH_NEXT));
        }
        return steps;
    }

    /** When a mark is put before text: {@code always}, {@code first} or {@code never}. */
    static String scheme(JsonValue json) {
        boolean legacy = json.get("add_prefix_space").flag(true);
        JsonValue scheme = json.get("prepend_scheme");
        String text = scheme.text(legacy ? "always" : "never");
        if (!List.of("always", "first", "never").contains(text)) {
            throw scheme.unexpected("'always', 'first' or 'never'");
        }
        return text;
    }

    private static void fixedLength(Piece piece, int length, HfPieces.Next next) {
        String text = piece.text();
        for (int from = 0; from < text.length(); ) {
            int to = text.codePointCount(from, text.length()) <= length
                    ? text.length()
                    : text.offsetByCodePoints(from, length);
            next.piece(new Piece(text.substring(from, to), piece.first() && from == 0));
            from = to;
        }
    }

    private static Behaviour behaviour(JsonValue json, Behaviour otherwise) {
        if (!json.isPresent()) {
            return otherwise;
        }
        return switch (json.text()) {
            case "Removed" -> Behaviour.REMOVED;
            case "Isolated" -> Behaviour.ISOLATED;
            case "MergedWithPrevious" -> Behaviour.MERGED_WITH_PREVIOUS;
            case "MergedWithNext" -> Behaviour.MERGED_WITH_NEXT;
            case "Contiguous" -> Behaviour.CONTIGUOUS;
            default -> throw json.unexpected("one of " + String.join(", ", BEHAVIOURS));
        };
    }
}

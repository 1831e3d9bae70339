package tilewright.model.tokenizer;

import java.util.Arrays;
import java.util.List;
import tilewright.model.InvalidInputException;

/** Byte-pair encoding as {@code tokenizer.json} describes it. */
final class HfBpe implements HfModel {
    private static final int NOTHING = -1;
    private static final int LONG = 48;

    private final TokenMap tokens;
    private final PairTable pairs;
    private final int unknown;
    private final boolean fusesUnknown;
    private final boolean ignoresMerges;
    private final int[] byteTokens;
    private final String prefix;
    private final String suffix;
    /** Where long words may be cut; null if nowhere. */
    private final WordBoundaries boundaries;

    private final WordCache cache = new WordCache();

    HfBpe(HfFile file, TokenMap tokens) {
        JsonValue json = file.root().get("model");
        this.tokens = tokens;
        this.unknown = HfModel.unknown(json, tokens);
        this.fusesUnknown = json.get("fuse_unk").flag(false);
        this.ignoresMerges = json.get("ignore_merges").flag(false);
        this.byteTokens = json.get("byte_fallback").flag(false) ? HfModel.byteTokens(tokens) : null;
        this.prefix = json.get("continuing_subword_prefix").text("");
        this.suffix = json.get("end_of_word_suffix").text("");
        this.pairs = pairs(file);
        boolean plain = prefix.isEmpty() && suffix.isEmpty() && tokens.id("\u2581") >= 0;
        this.boundaries = plain ? new WordBoundaries(tokens) : null;
    }

    private PairTable pairs(HfFile file) {
        List<String> merges = file.merges();
        PairTable table = new PairTable(merges.size() / 2);
        for (int i = 0; i < merges.size(); i += 2) {
            String right = merges.get(i + 1);
            String continued = right.startsWith(prefix) ? right.substring(prefix.length()) : right;
            table.put(
                    required(file, i, merges.get(i), ""),
                    required(file, i, right, ""),
                    i / 2,
                    required(file, i, merges.get(i), continued),
                    true);
        }
        return table;
    }

    private int required(HfFile file, int at, String left, String right) {
        int id = right.isEmpty() ? tokens.id(left) : tokens.id(left, right);
        if (id < 0) {
            String token = left + right;
            throw new InvalidInputException(file.root().file() + ": 'model.merges[" + at / 2 + "]' needs the token "
                    + InvalidInputException.quoted(token)
                    + ", which is not in the vocabulary; the file is damaged, fetch it again");
        }
        return id;
    }

    @Override
    public void encode(String word, IntList ids) {
        if (ignoresMerges && tokens.id(word) >= 0) {
            ids.add(tokens.id(word));
            return;
        }
        if (word.length() > LONG && boundaries != null) {
            boundaries.split(word, piece -> ids.addAll(cache.get(piece, this::merged)));
        } else {
            ids.addAll(merged(word));
        }
    }

    private int[] merged(String word) {
        IntList symbols = symbols(word);
        int[] merged = symbols.toArray();
        int count = Merging.merge(pairs, merged, merged.length);
        return Arrays.copyOf(merged, count);
    }

    private IntList symbols(String word) {
        IntList symbols = new IntList(word.length());
        int pending = NOTHING;
        for (int i = 0; i < word.length(); ) {
            int end = i + Character.charCount(word.codePointAt(i));
            String character = word.substring(i, end);
            if (i > 0 && !prefix.isEmpty()) {
                character = prefix + character;
            }
            if (end == word.length() && !suffix.isEmpty()) {
                character = character + suffix;
            }
            i = end;
            int id = tokens.id(character);
            if (id >= 0) {
                if (pending != NOTHING) {
                    symbols.add(pending);
                    pending = NOTHING;
                }
                symbols.add(id);
            } else if (byteTokens == null || !HfModel.spell(character, byteTokens, symbols)) {
                if (pending != NOTHING && !fusesUnknown) {
                    symbols.add(pending);
                }
                pending = unknown >= 0 ? unknown : NOTHING;
            }
        }
        if (pending != NOTHING) {
            symbols.add(pending);
        }
        return symbols;
    }
}

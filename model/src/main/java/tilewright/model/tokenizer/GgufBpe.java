package tilewright.model.tokenizer;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Byte-pair vocabularies in GGUF files ({@code gpt2} and, on text instead of bytes, {@code gemma4}). */
final class GgufBpe extends GgufTokenizer {
    private final PreTokenization pre;
    private final PairTable pairs;
    /** Texts that merges make or use but that are no tokens; their symbols follow the vocabulary's. */
    private final TokenMap others;

    private final Map<Integer, Integer> symbolOfCharacter = new HashMap<>();
    private final int[] symbolOfLetter = new int[0x144];
    private final int[] byteTokens;
    private final WordBoundaries boundaries;
    private final WordCache cache = new WordCache();

    GgufBpe(GgufVocabulary vocabulary, PreTokenization pre) {
        super(vocabulary, new Defaults(-1, -1, -1, pre.addsBos(), false, pre.addsSep(), false));
        this.pre = pre;
        List<String> merges = vocabulary.merges();
        this.others = new TokenMap(16);
        this.pairs = new PairTable(Math.max(merges.size(), 16));
        int rank = 0;
        for (String merge : merges) {
            int space = merge.indexOf(' ', 1);
            if (space < 0) {
                throw damaged("merge " + rank + " of the vocabulary is "
                        + tilewright.model.InvalidInputException.quoted(merge)
                        + ", expected two parts separated by a space");
            }
            String left = merge.substring(0, space);
            String right = merge.substring(space + 1);
            int merged = tokens.id(left, right);
            pairs.put(symbol(left), symbol(right), rank++, merged >= 0 ? merged : symbol(left.concat(right)), false);
        }
        if (merges.isEmpty()) {
            addPairsByRank();
        }
        for (char letter = 0; letter < symbolOfLetter.length; letter++) {
            symbolOfLetter[letter] = known(Character.toString(letter));
        }
        this.byteTokens = byteTokens();
        this.boundaries = new WordBoundaries(tokens, others);
    }

    /** Without merges (tiktoken), whatever two parts make a token can be merged, and the rank is the token's id. */
    private void addPairsByRank() {
        for (int id = 0; id < vocabulary.tokens().length; id++) {
            String token = vocabulary.tokens()[id];
            if (vocabulary.types()[id] != GgufVocabulary.NORMAL || token.length() > 256) {
                continue;
            }
            for (int cut = 1; cut < token.length(); cut++) {
                int left = tokens.id(token.substring(0, cut));
                int right = tokens.id(token.substring(cut));
                if (left >= 0 && right >= 0) {
                    pairs.put(left, right, id, id, false);
                }
            }
        }
    }

    private int symbol(String text) {
        int known = known(text);
        if (known >= 0) {
            return known;
        }
        int other = others.size();
        others.put(text, other);
        return tokens.size() + other;
    }

    /** The symbol of a text that is a token or part of a merge; -1 for any other. */
    private int known(String text) {
        int id = tokens.id(text);
        if (id >= 0) {
            return id;
        }
        int other = others.id(text);
        return other >= 0 ? tokens.size() + other : -1;
    }

    @Override
    void encodeText(String text, boolean fresh, IntList ids) {
        String escaped = pre.marksSpaces() ? text.replace(' ', SPACE_MARK) : text;
        int[] ends = pre.split(escaped);
        int from = 0;
        for (int end : ends) {
            String word = escaped.substring(from, end);
            if (pre.marksSpaces()) {
                boundaries.split(word, piece -> ids.addAll(cache.get(piece, this::encodeWord)));
            } else {
                ids.addAll(cache.get(word, this::encodeWord));
            }
            from = end;
        }
    }

    private int[] encodeWord(String word) {
        String letters = pre.marksSpaces() ? word : ByteLetters.encode(word);
        int whole = pre.ignoresMerges() || pre.marksSpaces() && word.chars().allMatch(c -> c == '\n')
                ? tokens.id(letters)
                : -1;
        if (whole >= 0) {
            return new int[] {whole};
        }
        int[] symbols = new int[letters.length()];
        int count = 0;
        for (int i = 0; i < letters.length(); ) {
            int codePoint = letters.codePointAt(i);
            symbols[count++] = symbolOf(codePoint);
            i += Character.charCount(codePoint);
        }
        count = Merging.merge(pairs, symbols, count);
        IntList ids = new IntList(count);
        for (int i = 0; i < count; i++) {
            if (symbols[i] >= 0 && symbols[i] < tokens.size()) {
                ids.add(symbols[i]);
            } else {
                spell(symbols[i], ids);
            }
        }
        return ids.toArray();
    }

    private int symbolOf(int codePoint) {
        int symbol;
        if (codePoint < symbolOfLetter.length) {
            symbol = symbolOfLetter[codePoint];
        } else {
            synchronized (symbolOfCharacter) {
                symbol = symbolOfCharacter.computeIfAbsent(codePoint, c -> known(Character.toString(c)));
            }
        }
        return symbol >= 0 ? symbol : -1 - codePoint;
    }

    /** A symbol that is no token: its bytes, as far as they are tokens. */
    private void spell(int symbol, IntList ids) {
        String text = symbol >= 0 ? others.text(symbol - tokens.size()) : Character.toString(-1 - symbol);
        if (pre.marksSpaces()) {
            for (byte value : text.getBytes(StandardCharsets.UTF_8)) {
                if (byteTokens[value & 0xFF] >= 0) {
                    ids.add(byteTokens[value & 0xFF]);
                }
            }
            return;
        }
        text.codePoints()
                .map(c -> tokens.id(Character.toString(c)))
                .filter(id -> id >= 0)
                .forEach(ids::add);
    }

    @Override
    void decodeToken(String token, int type, ByteArrayOutputStream bytes) {
        if (pre.marksSpaces() || type == GgufVocabulary.BYTE) {
            decodeMarked(token, type, bytes);
        } else if (!ByteLetters.decode(token, bytes)) {
            bytes.writeBytes(token.getBytes(StandardCharsets.UTF_8));
        }
    }
}

package tilewright.model.tokenizer;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.stream.IntStream;

/**
 * SentencePiece vocabularies of the byte-pair kind in GGUF files ({@code llama}): neighbours whose text together is a
 * token are merged, the best scored token first.
 */
final class GgufSentencePiece extends GgufTokenizer {
    private final int[] ranks;
    private final int[] byteTokens;
    private final int unknown;
    private final boolean spacePrefix;
    private final WordBoundaries boundaries;
    private final WordCache cache = new WordCache();

    GgufSentencePiece(GgufVocabulary vocabulary) {
        super(vocabulary, new Defaults(1, 2, -1, true, false, false, vocabulary.flag("add_space_prefix", true)));
        this.spacePrefix = vocabulary.flag("add_space_prefix", true);
        this.unknown = vocabulary.id("unk", 0);
        this.byteTokens = byteTokens();
        this.ranks = ranks(vocabulary);
        this.boundaries = new WordBoundaries(tokens);
    }

    /** Control and byte tokens are never made of text. */
    private static int[] ranks(GgufVocabulary vocabulary) {
        float[] scores = vocabulary.scores();
        int[] types = vocabulary.types();
        int[] ids = IntStream.range(0, vocabulary.tokens().length)
                .filter(id -> types[id] != GgufVocabulary.CONTROL
                        && types[id] != GgufVocabulary.UNKNOWN
                        && types[id] != GgufVocabulary.BYTE)
                .boxed()
                .sorted((a, b) -> Float.compare(scores[b], scores[a]))
                .mapToInt(Integer::intValue)
                .toArray();
        int[] ranks = new int[types.length];
        java.util.Arrays.fill(ranks, -1);
        int rank = 0;
        for (int i = 0; i < ids.length; i++) {
            rank += i > 0 && scores[ids[i]] != scores[ids[i - 1]] ? 1 : 0;
            ranks[ids[i]] = rank;
        }
        return ranks;
    }

    @Override
    void encodeText(String text, boolean fresh, IntList ids) {
        String marked = (spacePrefix && fresh ? " " + text : text).replace(' ', SPACE_MARK);
        boundaries.split(marked, piece -> ids.addAll(cache.get(piece, this::encodePiece)));
    }

    private int[] encodePiece(String marked) {
        IntList ids = new IntList(marked.length());
        int[] symbols = new int[marked.length()];
        int count = 0;
        for (int i = 0; i < marked.length(); ) {
            int codePoint = marked.codePointAt(i);
            int length = Character.charCount(codePoint);
            int id = tokens.id(marked.substring(i, i + length));
            symbols[count++] = id >= 0 ? id : tokens.size() + codePoint;
            i += length;
        }
        count = Merging.merge(new ScoredPairs(tokens, ranks), symbols, count);
        for (int i = 0; i < count; i++) {
            if (symbols[i] < tokens.size()) {
                ids.add(symbols[i]);
            } else {
                spell(symbols[i] - tokens.size(), ids);
            }
        }
        return ids.toArray();
    }

    private void spell(int codePoint, IntList ids) {
        for (byte value : Character.toString(codePoint).getBytes(StandardCharsets.UTF_8)) {
            int id = byteTokens[value & 0xFF];
            if (id >= 0) {
                ids.add(id);
            } else if (unknown >= 0) {
                ids.add(unknown);
            }
        }
    }

    @Override
    void decodeToken(String token, int type, ByteArrayOutputStream bytes) {
        decodeMarked(token, type, bytes);
    }
}

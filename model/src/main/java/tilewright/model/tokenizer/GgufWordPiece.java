package tilewright.model.tokenizer;

import java.io.ByteArrayOutputStream;

/**
 * BERT's vocabulary in GGUF files ({@code bert}): the longest token from the left, again and again.
 *
 * <p>In the file the beginning of a word is marked with U+2581, and what continues one is not marked.
 */
final class GgufWordPiece extends GgufTokenizer {
    private final TokenTrie trie;
    private final int unknown;
    private final boolean lowercase;
    private final boolean stripAccents;

    GgufWordPiece(GgufVocabulary vocabulary) {
        super(vocabulary, new Defaults(vocabulary.id("cls", 101), -1, 102, true, false, true, true));
        this.lowercase = vocabulary.flag("normalizer.lowercase", true);
        this.stripAccents = vocabulary.flag("normalizer.strip_accents", lowercase);
        this.unknown = Math.max(0, vocabulary.id("unk", 100));
        this.trie = new TokenTrie(vocabulary.tokens().length);
        for (int id = 0; id < vocabulary.tokens().length; id++) {
            if (!vocabulary.tokens()[id].isEmpty()) {
                trie.put(vocabulary.tokens()[id], id);
            }
        }
    }

    @Override
    void encodeText(String text, boolean fresh, IntList ids) {
        String normalized = BertText.normalize(text, true, true, stripAccents, lowercase);
        BertText.split(normalized, (whole, from, to) -> encodeWord(SPACE_MARK + whole.substring(from, to), ids));
    }

    private void encodeWord(String word, IntList ids) {
        IntList pieces = new IntList(8);
        for (int at = 0; at < word.length(); ) {
            int end = trie.longest(word, at, word.length());
            if (end <= at) {
                ids.add(unknown);
                return;
            }
            pieces.add(trie.valueOf(word, at, end));
            at = end;
        }
        ids.addAll(pieces.toArray());
    }

    @Override
    void decodeToken(String token, int type, ByteArrayOutputStream bytes) {
        decodeMarked(token, type, bytes);
    }
}

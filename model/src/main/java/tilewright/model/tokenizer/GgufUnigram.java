package tilewright.model.tokenizer;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** SentencePiece vocabularies of the unigram kind in GGUF files ({@code t5}), with their normalisation of text. */
final class GgufUnigram extends GgufTokenizer {
    private final Segmentation segmentation;
    private final TokenTrie userDefined = new TokenTrie(16);
    private final Charsmap charsmap;
    private final boolean spacePrefix;
    private final boolean mergesSpaces;

    GgufUnigram(GgufVocabulary vocabulary) {
        super(vocabulary, new Defaults(-1, 1, -1, false, true, false, true));
        this.spacePrefix = vocabulary.flag("add_space_prefix", false);
        this.mergesSpaces = vocabulary.flag("remove_extra_whitespaces", false);
        int count = vocabulary.tokens().length;
        TokenTrie trie = new TokenTrie(count);
        double[] scores = new double[count];
        double lowest = Double.MAX_VALUE;
        for (int id = 0; id < count; id++) {
            int type = vocabulary.types()[id];
            String token = vocabulary.tokens()[id];
            if (token.isEmpty()) {
                continue;
            }
            if (type == GgufVocabulary.NORMAL) {
                lowest = Math.min(lowest, vocabulary.scores()[id]);
            }
            if (type == GgufVocabulary.NORMAL || type == GgufVocabulary.USER_DEFINED || type == GgufVocabulary.UNUSED) {
                trie.put(token, id);
            }
            if (type == GgufVocabulary.USER_DEFINED) {
                userDefined.put(token, id);
            }
            scores[id] = type == GgufVocabulary.USER_DEFINED ? 0 : vocabulary.scores()[id];
        }
        double unknownScore = (lowest == Double.MAX_VALUE ? 0 : lowest) - Segmentation.UNKNOWN_PENALTY;
        this.segmentation = new Segmentation(trie, scores, Math.max(0, vocabulary.id("unk", 2)), unknownScore);
        this.charsmap = vocabulary.charsmap().length == 0 ? null : charsmap(vocabulary.charsmap());
    }

    private Charsmap charsmap(byte[] data) {
        try {
            return Charsmap.of(data);
        } catch (IllegalArgumentException e) {
            throw damaged("the charsmap " + e.getMessage());
        }
    }

    @Override
    void encodeText(String text, boolean fresh, IntList ids) {
        segmentation.segment(normalized(text), (from, to, id) -> ids.add(id));
    }

    private String normalized(String text) {
        StringBuilder out = new StringBuilder(text.length() + 16);
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        Spacing spacing = new Spacing(out);
        int at = 0;
        int atByte = 0;
        while (at < text.length()) {
            int end = userDefined.longest(text, at, text.length());
            if (end > at) {
                spacing.add(text, at, end);
            } else {
                Charsmap.Match match = charsmap == null ? null : charsmap.find(utf8, atByte, utf8.length, true);
                end = at;
                int matched = match == null ? 1 : match.bytes();
                for (int bytes = 0; bytes < matched; ) {
                    int codePoint = text.codePointAt(end);
                    bytes += bytesOf(codePoint);
                    end += Character.charCount(codePoint);
                }
                if (match == null) {
                    spacing.add(text, at, end);
                } else {
                    String replacement = charsmap.replacement(match);
                    spacing.add(replacement, 0, replacement.length());
                }
            }
            while (at < end) {
                int codePoint = text.codePointAt(at);
                atByte += bytesOf(codePoint);
                at += Character.charCount(codePoint);
            }
        }
        return out.toString();
    }

    private static int bytesOf(int codePoint) {
        return codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;
    }

    /** Puts marks for spaces: one before each word, or for each space one, and one before the text. */
    private final class Spacing {
        private final StringBuilder out;
        private boolean inWord;
        private boolean prefixed;

        Spacing(StringBuilder out) {
            this.out = out;
        }

        void add(String text, int from, int to) {
            for (int i = from; i < to; i++) {
                char c = text.charAt(i);
                if (c == ' ') {
                    inWord = false;
                    if (!mergesSpaces) {
                        out.append(SPACE_MARK);
                    }
                } else {
                    if (!inWord) {
                        inWord = true;
                        if (spacePrefix && !prefixed || mergesSpaces) {
                            out.append(SPACE_MARK);
                            prefixed = true;
                        }
                    }
                    out.append(c);
                }
            }
        }
    }

    @Override
    void decodeToken(String token, int type, ByteArrayOutputStream bytes) {
        decodeMarked(token, type, bytes);
    }
}

package tilewright.model.tokenizer;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** RWKV's vocabulary: tokens are bytes, written with escapes; the longest one that fits is taken. */
final class GgufRwkv extends GgufTokenizer {
    private final TokenTrie trie;
    private final int unknown;

    GgufRwkv(GgufVocabulary vocabulary) {
        super(vocabulary, new Defaults(-1, -1, -1, false, false, false, false));
        this.unknown = vocabulary.id("unk", 0);
        this.trie = new TokenTrie(vocabulary.tokens().length);
        for (int id = 0; id < vocabulary.tokens().length; id++) {
            trie.put(unescaped(vocabulary.tokens()[id]), id);
        }
    }

    /** The bytes of a token as characters U+0000 to U+00FF. */
    private static String unescaped(String token) {
        byte[] escaped = token.getBytes(StandardCharsets.UTF_8);
        StringBuilder bytes = new StringBuilder(escaped.length);
        for (int i = 0; i < escaped.length; i++) {
            int c = escaped[i] & 0xFF;
            if (c != '\\' || i + 1 == escaped.length) {
                bytes.append((char) c);
                continue;
            }
            c = escaped[++i] & 0xFF;
            if (c == 'x' && i + 2 < escaped.length) {
                int high = Character.digit(escaped[i + 1], 16);
                int low = Character.digit(escaped[i + 2], 16);
                bytes.append((char) (Math.max(0, high) * 16 + Math.max(0, low)));
                i += 2;
            } else {
                bytes.append(
                        switch (c) {
                            case 't' -> '\t';
                            case 'n' -> '\n';
                            case 'r' -> '\r';
                            default -> (char) c;
                        });
            }
        }
        return bytes.toString();
    }

    @Override
    void encodeText(String text, boolean fresh, IntList ids) {
        String bytes = new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        for (int at = 0; at < bytes.length(); ) {
            int end = trie.longest(bytes, at, bytes.length());
            if (end > at) {
                ids.add(trie.valueOf(bytes, at, end));
                at = end;
            } else {
                ids.add(unknown);
                at++;
            }
        }
    }

    @Override
    void decodeToken(String token, int type, ByteArrayOutputStream bytes) {
        bytes.writeBytes(unescaped(token).getBytes(StandardCharsets.ISO_8859_1));
    }
}

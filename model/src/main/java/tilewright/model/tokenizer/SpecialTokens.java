package tilewright.model.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;

/**
 * Finds special tokens spelled out in a text, as GGUF's tokenizers do: longer tokens first, wherever they are, and then
 * shorter ones in what is left.
 */
final class SpecialTokens {
    /** A stretch of the text, or (id not negative) a token in its place. */
    record Fragment(int from, int to, int id) {}

    private final String[] texts;
    private final int[] bytes;
    private final boolean[] always;
    private final boolean[] stripsLeft;
    private final boolean[] stripsRight;
    private final TokenTrie trie;

    /** @param tokens how many ids there are */
    SpecialTokens(int tokens) {
        texts = new String[tokens];
        bytes = new int[tokens];
        always = new boolean[tokens];
        stripsLeft = new boolean[tokens];
        stripsRight = new boolean[tokens];
        trie = new TokenTrie(64);
    }

    /** Adds a token; {@code always}: it is found even where special tokens are not to be parsed. */
    void add(int id, String text, boolean always) {
        if (text.isEmpty()) {
            return;
        }
        texts[id] = text;
        bytes[id] = text.getBytes(StandardCharsets.UTF_8).length;
        this.always[id] = always;
        trie.put(text, id);
    }

    /** Whether a token takes the white space before it, and that behind it. */
    void strip(int id, boolean left, boolean right) {
        stripsLeft[id] = left;
        stripsRight[id] = right;
    }

    /** Whether an id was added. */
    boolean contains(int id) {
        return texts[id] != null;
    }

    /** Cuts a text; an empty one has no fragments. */
    List<Fragment> split(String text, boolean parseSpecial) {
        List<Fragment> fragments = new ArrayList<>();
        if (text.isEmpty()) {
            return fragments;
        }
        fragments.add(new Fragment(0, text.length(), -1));
        for (int id : present(text, parseSpecial)) {
            fragments = splitAt(text, fragments, id);
        }
        return fragments;
    }

    /** The tokens that occur, longest first. */
    private int[] present(String text, boolean parseSpecial) {
        TreeSet<Integer> found = new TreeSet<>((a, b) -> bytes[a] != bytes[b] ? bytes[b] - bytes[a] : a - b);
        for (int i = 0; i < text.length(); i++) {
            int node = TokenTrie.ROOT;
            for (int j = i; j < text.length(); j++) {
                node = trie.child(node, text.charAt(j));
                if (node == TokenTrie.NONE) {
                    break;
                }
                int id = trie.value(node);
                if (id != TokenTrie.NONE && (parseSpecial || always[id])) {
                    found.add(id);
                }
            }
        }
        return found.stream().mapToInt(Integer::intValue).toArray();
    }

    private List<Fragment> splitAt(String text, List<Fragment> fragments, int id) {
        List<Fragment> cut = new ArrayList<>(fragments.size() + 2);
        String token = texts[id];
        for (Fragment fragment : fragments) {
            int from = fragment.from();
            while (fragment.id() < 0 && from < fragment.to()) {
                int at = text.indexOf(token, from, fragment.to());
                if (at < 0) {
                    break;
                }
                int left = at;
                while (stripsLeft[id] && left > from && isSpace(text.charAt(left - 1))) {
                    left--;
                }
                if (left > from) {
                    cut.add(new Fragment(from, left, -1));
                }
                from = at + token.length();
                cut.add(new Fragment(at, from, id));
                while (stripsRight[id] && from < fragment.to() && isSpace(text.charAt(from))) {
                    from++;
                }
            }
            if (fragment.id() >= 0) {
                cut.add(fragment);
            } else if (from < fragment.to()) {
                cut.add(new Fragment(from, fragment.to(), -1));
            }
        }
        return cut;
    }

    private static boolean isSpace(char c) {
        return c == ' ' || c >= '\t' && c <= '\r';
    }

    @Override
    public String toString() {
        return Arrays.stream(texts).filter(text -> text != null).toList().toString();
    }
}

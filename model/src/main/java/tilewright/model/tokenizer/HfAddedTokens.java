package tilewright.model.tokenizer;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * The {@code added_tokens} of a {@code tokenizer.json}: found in the text before anything else, the leftmost first and of
 * several there the longest.
 *
 * <p>Those marked as normalised are looked for in the normalised text, in what the others left.
 */
final class HfAddedTokens {
    private record Added(
            int id,
            String content,
            boolean singleWord,
            boolean stripsLeft,
            boolean stripsRight,
            boolean normalized,
            boolean special) {
        /** As it stands in text: normalised where the text is. */
        Added as(String text) {
            return new Added(id, text, singleWord, stripsLeft, stripsRight, normalized, special);
        }
    }

    private final Map<Integer, Added> byId = new LinkedHashMap<>();
    private final Map<String, Integer> ids = new HashMap<>();
    private final TokenTrie raw = new TokenTrie(64);
    private final TokenTrie normalized = new TokenTrie(64);
    private boolean anyRaw;
    private boolean anyNormalized;
    private int size;

    HfAddedTokens(JsonValue json, UnaryOperator<String> normalizer) {
        if (!json.isPresent()) {
            return;
        }
        for (JsonValue element : json.elements()) {
            boolean special = element.get("special").flag(false);
            Added added = new Added(
                    element.get("id").count(HfFile.MAX_ID),
                    element.get("content").text(),
                    element.get("single_word").flag(false),
                    element.get("lstrip").flag(false),
                    element.get("rstrip").flag(false),
                    element.get("normalized").flag(!special),
                    special);
            if (added.content.isEmpty() || ids.containsKey(added.content)) {
                continue;
            }
            String sought = added.normalized ? normalizer.apply(added.content) : added.content;
            byId.put(added.id, added.as(sought));
            ids.put(added.content, added.id);
            size = Math.max(size, added.id + 1);
            if (added.normalized && !sought.isEmpty()) {
                normalized.put(sought, added.id);
                anyNormalized = true;
            } else if (!added.normalized) {
                raw.put(sought, added.id);
                anyRaw = true;
            }
        }
    }

    /** One more than the largest id. */
    int size() {
        return size;
    }

    /** The id of an added token; -1 if it is none. */
    int id(String content) {
        return ids.getOrDefault(content, TokenMap.NONE);
    }

    /** The text of an added token, normalised where it is looked for in normalised text; null if it is none. */
    String content(int id) {
        Added added = byId.get(id);
        return added == null ? null : added.content;
    }

    boolean isSpecial(int id) {
        Added added = byId.get(id);
        return added != null && added.special;
    }

    /** Takes the parts of a text from left to right. */
    interface Parts {
        /** A stretch of text, or (id not negative) a token; {@code first}: it begins where the text does. */
        void part(String text, boolean first, int id);
    }

    /** Finds the tokens in a text and normalises what is between them. */
    void split(String text, UnaryOperator<String> normalizer, boolean parseSpecial, Parts parts) {
        find(anyRaw ? raw : null, text, true, parseSpecial, (rest, first, id) -> {
            if (id >= 0) {
                parts.part(rest, first, id);
            } else {
                find(anyNormalized ? normalized : null, normalizer.apply(rest), first, parseSpecial, parts);
            }
        });
    }

    private void find(TokenTrie trie, String text, boolean first, boolean parseSpecial, Parts parts) {
        int start = 0;
        for (int at = 0; trie != null && at < text.length(); ) {
            int end = trie.longest(text, at, text.length());
            if (end < 0) {
                at++;
                continue;
            }
            Added added = byId.get(trie.valueOf(text, at, end));
            int next = end;
            if (added.special && !parseSpecial || added.singleWord && touchesWord(text, at, end)) {
                at = next;
                continue;
            }
            int from = at;
            while (added.stripsLeft && from > start && Characters.isWhiteSpace(text.charAt(from - 1))) {
                from--;
            }
            while (added.stripsRight && end < text.length() && Characters.isWhiteSpace(text.charAt(end))) {
                end++;
            }
            if (start < from) {
                parts.part(text.substring(start, from), first && start == 0, -1);
            }
            parts.part(text.substring(Math.max(from, start), end), first && start == 0, added.id);
            start = end;
            at = next;
        }
        if (start < text.length()) {
            parts.part(start == 0 ? text : text.substring(start), first && start == 0, -1);
        }
    }

    private static boolean touchesWord(String text, int from, int to) {
        return from > 0 && Characters.isWord(text.codePointBefore(from))
                || to < text.length() && Characters.isWord(text.codePointAt(to));
    }
}

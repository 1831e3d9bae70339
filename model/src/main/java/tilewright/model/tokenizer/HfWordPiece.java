package tilewright.model.tokenizer;

/** Word pieces as {@code tokenizer.json} describes them: the longest token from the left, again and again. */
final class HfWordPiece implements HfModel {
    private final String file;
    private final TokenTrie beginnings;
    private final TokenTrie continuations;
    private final int unknown;
    private final int longestWord;

    HfWordPiece(HfFile file, TokenMap tokens) {
        JsonValue json = file.root().get("model");
        this.file = file.root().file();
        this.unknown = HfModel.unknown(json, tokens);
        this.longestWord = json.get("max_input_chars_per_word")
                .optionalCount(Integer.MAX_VALUE)
                .orElse(100);
        String prefix = json.get("continuing_subword_prefix").text("##");
        this.beginnings = new TokenTrie(tokens.size());
        this.continuations = new TokenTrie(tokens.size());
        for (int id = 0; id < tokens.size(); id++) {
            String token = tokens.text(id);
            if (token == null || token.isEmpty()) {
                continue;
            }
            beginnings.put(token, id);
            if (token.startsWith(prefix) && token.length() > prefix.length()) {
                continuations.put(token.substring(prefix.length()), id);
            }
        }
    }

    @Override
    public void encode(String word, IntList ids) {
        IntList pieces = new IntList(8);
        int at = word.codePointCount(0, word.length()) > longestWord ? -1 : 0;
        while (at >= 0 && at < word.length()) {
            TokenTrie trie = at == 0 ? beginnings : continuations;
            int end = trie.longest(word, at, word.length());
            if (end > at) {
                pieces.add(trie.valueOf(word, at, end));
            }
            at = end;
        }
        if (at < 0) {
            if (unknown < 0) {
                throw HfModel.inexpressible(file, word);
            }
            ids.add(unknown);
        } else {
            ids.addAll(pieces.toArray());
        }
    }
}

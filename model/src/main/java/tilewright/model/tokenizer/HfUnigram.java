package tilewright.model.tokenizer;

/** A unigram vocabulary as {@code tokenizer.json} describes it. */
final class HfUnigram implements HfModel {
    private final String file;
    private final TokenMap tokens;
    private final Segmentation segmentation;
    private final int unknown;
    private final int[] byteTokens;

    HfUnigram(HfFile file, TokenMap tokens) {
        JsonValue json = file.root().get("model");
        this.file = file.root().file();
        this.tokens = tokens;
        int count = file.tokens().size();
        if (count == 0) {
            throw json.get("vocab").failure("is empty, expected pairs of a token and its score");
        }
        if (file.scores().length == 0) {
            throw json.get("vocab").failure("has no scores, expected pairs of a token and its score");
        }
        this.unknown = json.get("unk_id").optionalCount(count - 1).orElse(-1);
        this.byteTokens = json.get("byte_fallback").flag(false) ? HfModel.byteTokens(tokens) : null;
        TokenTrie trie = new TokenTrie(count);
        double lowest = Double.POSITIVE_INFINITY;
        for (int id = 0; id < count; id++) {
            String token = file.tokens().get(id);
            if (!token.isEmpty()) {
                trie.put(token, tokens.id(token));
            }
            lowest = Math.min(lowest, file.scores()[id]);
        }
        double unknownScore = lowest - Segmentation.UNKNOWN_PENALTY;
        this.segmentation = new Segmentation(trie, file.scores(), unknown, unknownScore);
    }

    @Override
    public void encode(String word, IntList ids) {
        segmentation.segment(word, (from, to, id) -> {
            int known = id == unknown ? tokens.id(word.substring(from, to)) : id;
            if (known >= 0) {
                ids.add(known);
            } else if (byteTokens == null || !HfModel.spell(word.substring(from, to), byteTokens, ids)) {
                if (unknown < 0) {
                    throw HfModel.inexpressible(file, word.substring(from, to));
                }
                ids.add(unknown);
            }
        });
    }
}

package tilewright.model.tokenizer;

/** Whole words as tokens. */
final class HfWordLevel implements HfModel {
    private final String file;
    private final TokenMap tokens;
    private final int unknown;

    HfWordLevel(HfFile file, TokenMap tokens) {
        this.file = file.root().file();
        this.tokens = tokens;
        this.unknown = HfModel.unknown(file.root().get("model"), tokens);
    }

    @Override
    public void encode(String word, IntList ids) {
        int id = tokens.id(word);
        if (id < 0 && unknown < 0) {
            throw HfModel.inexpressible(file, word);
        }
        ids.add(id >= 0 ? id : unknown);
    }
}

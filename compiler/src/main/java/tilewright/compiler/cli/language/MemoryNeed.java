package tilewright.compiler.cli.language;

/**
 * The texts for which memory is kept: how long, how many at a time.
 *
 * @param tokens of one text, prompt and answer; where it is open how long it becomes, the most it may have
 * @param step most tokens that are read at once, if the engine takes so many
 * @param open whether it may stay shorter than {@code tokens} where memory is scarce: a conversation
 * @param together whether as many texts run at once as fit into a step
 * @param everyLogit whether the logits of all tokens are wanted, not of the last alone
 */
public record MemoryNeed(int tokens, int step, boolean open, boolean together, boolean everyLogit) {
    /**
     * One text of so many tokens.
     *
     * @param prompt those of them that are read at once
     */
    public static MemoryNeed text(int tokens, int prompt) {
        return new MemoryNeed(tokens, Math.clamp(prompt, 1, tokens), false, false, false);
    }

    /** A conversation of any length up to this one. */
    public static MemoryNeed conversation(int mostTokens) {
        return new MemoryNeed(mostTokens, mostTokens, true, false, false);
    }

    /**
     * Windows of a long text, of which every token's logits are wanted.
     *
     * @param step tokens of a window that are read at once; with the whole window as many run together as a step holds
     */
    public static MemoryNeed windows(int tokens, int step) {
        return step < tokens ? logits(tokens, step) : new MemoryNeed(tokens, Integer.MAX_VALUE, false, true, true);
    }

    /** One text of which every token's logits are wanted, those of a step at a time. */
    public static MemoryNeed logits(int tokens, int step) {
        return new MemoryNeed(tokens, step, false, false, true);
    }
}

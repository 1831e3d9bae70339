package tilewright.model.tokenizer.regex;

/** A compiled pattern; immutable, used through a {@link RegexMatcher} per text. */
public final class Regex {
    /** The longest pattern taken, in characters. */
    public static final int MAX_PATTERN_CHARACTERS = 20_000;

    final RegexProgram program;
    final CodePointSet[] sets;
    final RegexProgram.Branches[] choices;
    /** With what a match begins; null if it can be empty. */
    final CodePointSet first;

    private Regex(RegexNode node) {
        this.program = new RegexProgram(node);
        this.sets = program.sets.toArray(new CodePointSet[0]);
        this.choices = program.choices.toArray(new RegexProgram.Branches[0]);
        this.first = node.first();
    }

    /**
     * Compiles a pattern.
     *
     * @throws RegexSyntaxException if it is wrong, or uses what is not supported
     */
    public static Regex compile(String pattern) {
        if (pattern.length() > MAX_PATTERN_CHARACTERS) {
            throw new RegexSyntaxException(
                    "pattern of " + pattern.length() + " characters exceeds the limit of " + MAX_PATTERN_CHARACTERS, 0);
        }
        return new Regex(RegexParser.parse(pattern));
    }

    /** A matcher for one text, which looks at nothing outside {@code from} to {@code to}. */
    public RegexMatcher matcher(String text, int from, int to) {
        return new RegexMatcher(this, text, from, to);
    }

    /** A matcher for a whole text. */
    public RegexMatcher matcher(String text) {
        return matcher(text, 0, text.length());
    }
}

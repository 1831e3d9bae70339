package tilewright.hw.lang.design;

/**
 * What a check found.
 *
 * @param location the author's line
 * @param path the signal, from the top: {@code "Tile.pe_0_1.sum"}
 * @param message what is wrong, with the values, and after a semicolon the way out
 */
public record Finding(Rule rule, SourceLocation location, String path, String message) {
    /** Which check. */
    public enum Rule {
        WIDTH_MISMATCH("width mismatch"),
        LITERAL_RANGE("literal out of range"),
        LATCH("latch"),
        COMBINATIONAL_LOOP("combinational loop"),
        SEVERAL_DRIVERS("several drivers"),
        UNDRIVEN("undriven"),
        UNUSED_INPUT("unused input"),
        CLOCK_CROSSING("unguarded clock crossing"),
        VALID_DEPENDS_ON_READY("valid depends on ready"),
        MEMORY_PORTS("memory port conflict"),
        NAME("illegal name"),
        DIRECTION("wrong direction"),
        HIERARCHY("reaches into another component"),
        STRUCTURE("malformed");

        private final String text;

        Rule(String text) {
            this.text = text;
        }

        /** Whether a design with such a finding is still legal. */
        public boolean isWarning() {
            return this == UNUSED_INPUT;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    /** One line: place, path, rule, message. */
    @Override
    public String toString() {
        return location + ": " + path + ": " + rule + ": " + message;
    }
}

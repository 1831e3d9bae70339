package tilewright.compiler.report;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;

/** Writes well-formed markup (both HTML and XML); every text and attribute value is escaped. */
final class Markup {
    private static final Set<String> LINE_ENDS = Set.of("div", "svg", "tr", "table", "details", "li", "ul", "p", "g");

    private final StringBuilder out = new StringBuilder();
    private final Deque<String> open = new ArrayDeque<>();

    /** Starts an element; {@code attributes} alternates names and values, a null value leaves its attribute out. */
    Markup open(String element, String... attributes) {
        start(element, attributes);
        out.append('>');
        open.push(element);
        return this;
    }

    /** Ends the innermost open element. */
    Markup close() {
        String element = open.pop();
        out.append("</").append(element).append('>');
        if (LINE_ENDS.contains(element)) {
            out.append('\n');
        }
        return this;
    }

    /** An element without content: one of SVG, or a void one of HTML. */
    Markup empty(String element, String... attributes) {
        start(element, attributes);
        out.append("/>");
        return this;
    }

    /** An element with text. */
    Markup element(String element, String text, String... attributes) {
        return open(element, attributes).text(text).close();
    }

    /** Text. */
    Markup text(String text) {
        escape(text, out);
        return this;
    }

    /** What another writer has written. */
    Markup add(Markup other) {
        out.append(other);
        return this;
    }

    /** Text as it may stand in an element or a quoted attribute; characters that XML forbids become U+FFFD. */
    static String escape(String text) {
        StringBuilder escaped = new StringBuilder(text.length() + 16);
        escape(text, escaped);
        return escaped.toString();
    }

    /** The markup; all elements must be closed. */
    @Override
    public String toString() {
        if (!open.isEmpty()) {
            throw new IllegalStateException("element " + open.peek() + " is not closed");
        }
        return out.toString();
    }

    private void start(String element, String... attributes) {
        out.append('<').append(element);
        for (int i = 0; i < attributes.length; i += 2) {
            if (attributes[i + 1] != null) {
                out.append(' ').append(attributes[i]).append("=\"");
                escape(attributes[i + 1], out);
                out.append('"');
            }
        }
    }

    private static void escape(String text, StringBuilder to) {
        text.codePoints().forEach(c -> {
            switch (c) {
                case '&' -> to.append("&amp;");
                case '<' -> to.append("&lt;");
                case '>' -> to.append("&gt;");
                case '"' -> to.append("&quot;");
                case '\'' -> to.append("&#39;");
                default -> to.appendCodePoint(allowed(c) ? c : 0xFFFD);
            }
        });
    }

    private static boolean allowed(int c) {
        return c == '\t'
                || c == '\n'
                || c == '\r'
                || (c >= 0x20 && c <= 0x7E)
                || (c >= 0xA0 && c <= 0xD7FF)
                || (c >= 0xE000 && c <= 0xFFFD)
                || c >= 0x10000;
    }
}

package tilewright.boards;

import java.util.List;
import java.util.Map;

/** A YAML value that knows the line it starts on (1-based). */
sealed interface YamlNode {
    /** The line this value starts on. */
    int line();

    /** What this value is, for an error message: {@code the text 'abc'}, {@code a list}. */
    String described();

    /** Keys and values in the order of the file. */
    record Mapping(int line, Map<String, Entry> entries) implements YamlNode {
        @Override
        public String described() {
            return "a mapping";
        }
    }

    /** One value of a mapping and the line of its key. */
    record Entry(int keyLine, YamlNode value) {}

    /** A list. */
    record Sequence(int line, List<YamlNode> items) implements YamlNode {
        @Override
        public String described() {
            return "a list";
        }
    }

    /** Text or a number, as written; {@code plain} means without quotes. */
    record Scalar(int line, String text, boolean plain) implements YamlNode {
        /** Whether the text is a decimal number without quotes; hexadecimal, octal and separators are text. */
        boolean isNumber() {
            return plain && text.matches("[-+]?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][-+]?[0-9]{1,3})?");
        }

        /** Whether nothing is given: no text, or YAML's null. */
        boolean isEmpty() {
            return plain && (text.isEmpty() || text.equals("~") || text.equals("null"));
        }

        @Override
        public String described() {
            if (isEmpty()) {
                return "empty";
            }
            String shown = InvalidBoardException.quoted(text);
            return isNumber() ? shown : "the text " + shown;
        }
    }
}

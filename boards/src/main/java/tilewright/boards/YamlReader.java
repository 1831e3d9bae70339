package tilewright.boards;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.events.AliasEvent;
import org.yaml.snakeyaml.events.DocumentStartEvent;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.events.MappingEndEvent;
import org.yaml.snakeyaml.events.MappingStartEvent;
import org.yaml.snakeyaml.events.NodeEvent;
import org.yaml.snakeyaml.events.ScalarEvent;
import org.yaml.snakeyaml.events.SequenceEndEvent;
import org.yaml.snakeyaml.events.SequenceStartEvent;
import org.yaml.snakeyaml.events.StreamEndEvent;
import org.yaml.snakeyaml.parser.Parser;
import org.yaml.snakeyaml.parser.ParserImpl;
import org.yaml.snakeyaml.reader.StreamReader;

/**
 * Reads YAML text into {@link YamlNode}s with line numbers, in one pass over the parser's events.
 *
 * <p>A board file is plain data: mappings, lists, text and numbers. Anchors, aliases, tags and more than one document are
 * refused, so no small file can expand into a large one, and nesting is bounded. The caller bounds the size.
 */
final class YamlReader {
    private static final int DEEPEST = 8;

    private final String file;
    private final Parser parser;
    private int line = 1;

    private YamlReader(String file, String text) {
        this.file = file;
        this.parser = new ParserImpl(new StreamReader(text), new LoaderOptions());
    }

    /**
     * The one document of {@code text}.
     *
     * @param file the name of the file, for messages
     * @throws InvalidBoardException if the text is not such a document
     */
    static YamlNode read(String file, String text) {
        checkCharacters(file, text);
        return new YamlReader(file, text).document();
    }

    private static void checkCharacters(String file, String text) {
        int line = 1;
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            if (!StreamReader.isPrintable(c)) {
                throw InvalidBoardException.at(
                        file, line, "character U+%04X is not allowed in YAML; remove it".formatted(c));
            }
            // YAML's line breaks, as the parser counts them.
            boolean returnOfPair = c == '\r' && i + 1 < text.length() && text.charAt(i + 1) == '\n';
            if ((c == '\n' || c == '\r' || c == 0x85 || c == 0x2028 || c == 0x2029) && !returnOfPair) {
                line++;
            }
            i += Character.charCount(c);
        }
    }

    private YamlNode document() {
        next();
        if (next() instanceof StreamEndEvent) {
            throw InvalidBoardException.in(file, "the file is empty; start from a copy of a bundled board");
        }
        YamlNode root = node(next(), 0);
        next();
        if (next() instanceof DocumentStartEvent) {
            throw fail("a second document starts here; write one board per file");
        }
        return root;
    }

    private YamlNode node(Event event, int depth) {
        if (event instanceof AliasEvent alias) {
            throw fail("alias " + InvalidBoardException.quoted("*" + alias.getAnchor())
                    + " is not allowed in a board file; write the value out");
        }
        checkPlainData((NodeEvent) event);
        int start = line;
        if (event instanceof ScalarEvent scalar) {
            return new YamlNode.Scalar(start, scalar.getValue(), scalar.isPlain());
        }
        if (depth == DEEPEST) {
            throw fail("nested more than " + DEEPEST + " levels deep; a board file needs 3");
        }
        return event instanceof SequenceStartEvent ? sequence(start, depth) : mapping(start, depth);
    }

    private void checkPlainData(NodeEvent event) {
        if (event.getAnchor() != null) {
            throw fail("anchor " + InvalidBoardException.quoted("&" + event.getAnchor())
                    + " is not allowed in a board file; remove it and write repeated values out");
        }
        String tag = switch (event) {
            case ScalarEvent scalar -> scalar.getTag();
            case SequenceStartEvent list -> list.getTag();
            case MappingStartEvent mapping -> mapping.getTag();
            default -> null;
        };
        if (tag != null) {
            throw fail("tag " + InvalidBoardException.quoted(tag) + " is not allowed in a board file; remove it");
        }
    }

    private YamlNode sequence(int start, int depth) {
        List<YamlNode> items = new ArrayList<>();
        for (Event event = next(); !(event instanceof SequenceEndEvent); event = next()) {
            items.add(node(event, depth + 1));
        }
        return new YamlNode.Sequence(start, items);
    }

    private YamlNode mapping(int start, int depth) {
        Map<String, YamlNode.Entry> entries = new LinkedHashMap<>();
        for (Event event = next(); !(event instanceof MappingEndEvent); event = next()) {
            int keyLine = line;
            if (!(node(event, depth + 1) instanceof YamlNode.Scalar key)) {
                throw InvalidBoardException.at(file, keyLine, "a key is not plain text; write 'key: value'");
            }
            YamlNode.Entry first = entries.get(key.text());
            if (first != null) {
                throw InvalidBoardException.at(
                        file,
                        keyLine,
                        "key " + InvalidBoardException.quoted(key.text()) + " is given twice, first on line "
                                + first.keyLine() + "; keep one of them");
            }
            entries.put(key.text(), new YamlNode.Entry(keyLine, node(next(), depth + 1)));
        }
        return new YamlNode.Mapping(start, entries);
    }

    private Event next() {
        try {
            Event event = parser.getEvent();
            line = event.getStartMark().getLine() + 1;
            return event;
        } catch (MarkedYAMLException e) {
            Mark mark = e.getProblemMark();
            if (mark != null) {
                line = mark.getLine() + 1;
            }
            String column = mark == null ? "" : " near column " + (mark.getColumn() + 1);
            throw fail("not valid YAML: " + oneLine(e.getProblem()) + "; check indentation and quotes" + column);
        } catch (RuntimeException e) {
            // The parser leaks other exceptions for a few broken inputs (numbers in directives, escapes in quotes).
            throw fail("not valid YAML after this line: " + oneLine(e.getMessage()) + "; check directives and escapes");
        }
    }

    private InvalidBoardException fail(String problem) {
        return InvalidBoardException.at(file, line, problem);
    }

    private static String oneLine(String problem) {
        return problem == null
                ? "the parser gave no reason"
                : problem.replaceAll("[^\\x20-\\x7e]+", " ").strip();
    }
}

package tilewright.model.tensor;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tilewright.model.InvalidInputException;

/**
 * Walks untrusted JSON token by token, within limits, and never builds a tree.
 *
 * <p>Refused: invalid UTF-8, nesting deeper than 16, numbers longer than 32 digits, names longer than 4 096 and strings
 * longer than 1 048 576 characters, a name twice in one object, anything but white space behind the value. All failures
 * are {@link InvalidInputException}s that begin with the place given to the constructor.
 */
final class StrictJson {
    private static final int MAX_NESTING = 16;
    private static final int MAX_NUMBER_CHARACTERS = 32;
    private static final int MAX_NAME_CHARACTERS = 4096;
    private static final int MAX_STRING_CHARACTERS = 1 << 20;

    /** Without the symbol table, which hostile names could fill with collisions. */
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_NESTING)
                    .maxNumberLength(MAX_NUMBER_CHARACTERS)
                    .maxNameLength(MAX_NAME_CHARACTERS)
                    .maxStringLength(MAX_STRING_CHARACTERS)
                    .build())
            .build();

    private final String place;
    private final JsonParser parser;

    /** What to do with one member of an object; called with the parser on the member's value. */
    interface Member {
        void read(String name) throws IOException;
    }

    private StrictJson(String place, JsonParser parser) {
        this.place = place;
        this.parser = parser;
    }

    /** What reads one document. */
    interface Body {
        void read(StrictJson json) throws IOException;
    }

    /**
     * Reads a document that is one object.
     *
     * @param place the file and the part of it, for messages
     * @param body must consume the object, by {@link #object}
     */
    static void read(String place, byte[] utf8, Body body) {
        CharBuffer text;
        try {
            text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8));
        } catch (CharacterCodingException e) {
            throw new InvalidInputException(place + " is not valid UTF-8; the file is damaged, fetch it again", e);
        }
        try (JsonParser parser = FACTORY.createParser(text.array(), text.arrayOffset(), text.remaining())) {
            StrictJson json = new StrictJson(place, parser);
            parser.nextToken();
            body.read(json);
            if (parser.nextToken() != null) {
                throw json.failure("has text behind the closing brace");
            }
        } catch (JsonProcessingException e) {
            String reason = withoutInternals(e.getOriginalMessage());
            long at = e.getLocation() == null ? -1 : e.getLocation().getCharOffset();
            throw new InvalidInputException(
                    place + " is not valid JSON" + (at < 0 ? "" : " at character " + at) + " (" + shortened(reason)
                            + "); the file is damaged, fetch it again",
                    e);
        } catch (IOException e) {
            throw new InvalidInputException(place + " cannot be read (" + shortened(e.getMessage()) + ")", e);
        }
    }

    /** Reads the object on which the parser stands; {@code what} names it in messages. */
    void object(String what, Member member) throws IOException {
        expect(JsonToken.START_OBJECT, what, "an object");
        Set<String> seen = new HashSet<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            if (!seen.add(name)) {
                throw failure("has " + InvalidInputException.quoted(name) + " twice in " + what);
            }
            parser.nextToken();
            member.read(name);
        }
    }

    /** Reads the string on which the parser stands. */
    String string(String what) throws IOException {
        expect(JsonToken.VALUE_STRING, what, "a string");
        return parser.getText();
    }

    /** Reads the array of non-negative 64-bit integers on which the parser stands. */
    List<Long> counts(String what, int maxLength) throws IOException {
        expect(JsonToken.START_ARRAY, what, "an array of integers");
        List<Long> values = new ArrayList<>(4);
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (values.size() == maxLength) {
                throw failure("has more than " + maxLength + " entries in " + what);
            }
            expect(JsonToken.VALUE_NUMBER_INT, what, "integers only");
            if (parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER || parser.getLongValue() < 0) {
                throw failure("has " + parser.getText() + " in " + what + ", expected 0 to " + Long.MAX_VALUE);
            }
            values.add(parser.getLongValue());
        }
        return values;
    }

    /** Skips the value on which the parser stands, whatever it is. */
    void skip() throws IOException {
        parser.skipChildren();
    }

    /** An exception that says what is wrong at the place of this document. */
    InvalidInputException failure(String problem) {
        return new InvalidInputException(place + " " + problem + "; the file is damaged, fetch it again");
    }

    private void expect(JsonToken token, String what, String expected) throws IOException {
        if (parser.currentToken() != token) {
            String found = parser.currentToken() == null ? "nothing" : shortened(parser.getText());
            throw failure("has " + found + " as " + what + ", expected " + expected);
        }
    }

    /** Drops what the parser says about itself: source references and the names of its settings. */
    private static String withoutInternals(String reason) {
        return reason.replaceFirst(" \\(start marker at .*", "").replaceFirst(", from `[A-Za-z.()]*`", "");
    }

    private static String shortened(String text) {
        String known = text == null ? "no reason given" : text;
        return known.length() <= 160 ? known : known.substring(0, 160) + "...";
    }
}

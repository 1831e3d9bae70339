package tilewright.model.tokenizer;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import tilewright.model.InvalidInputException;

/** Reads JSON files within limits; whatever is wrong with one becomes an {@link InvalidInputException}. */
final class JsonFile {
    private static final int MAX_BYTES = 512 << 20;
    private static final int MAX_NESTING = 64;
    private static final int MAX_STRING_CHARACTERS = 32 << 20;
    private static final int MAX_NUMBER_CHARACTERS = 64;

    /** Without the symbol table, which hostile names could fill with collisions. */
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_NESTING)
                    .maxStringLength(MAX_STRING_CHARACTERS)
                    .maxNameLength(1 << 16)
                    .maxNumberLength(MAX_NUMBER_CHARACTERS)
                    .build())
            .build();

    static final ObjectMapper MAPPER = new ObjectMapper(FACTORY);

    private JsonFile() {}

    /** What reads a document from its first token on. */
    interface Body<T> {
        T read(JsonParser parser) throws IOException;
    }

    /** Reads a file as one tree. */
    static JsonValue tree(Path file) {
        return read(file, parser -> new JsonValue(file.toString(), "", MAPPER.readTree(parser)));
    }

    /** Reads a file; {@code body} gets a parser that stands before the first token. */
    static <T> T read(Path file, Body<T> body) {
        byte[] bytes;
        try {
            long size = Files.size(file);
            if (size > MAX_BYTES) {
                throw new InvalidInputException(
                        file + ": " + size + " bytes exceed the limit of " + MAX_BYTES + " for such a file");
            }
            bytes = Files.readAllBytes(file);
        } catch (IOException e) {
            throw new InvalidInputException(file + ": cannot be read (" + InvalidInputException.reason(e) + ")", e);
        }
        try (JsonParser parser = FACTORY.createParser(bytes)) {
            T result = body.read(parser);
            if (parser.nextToken() != null) {
                throw new InvalidInputException(file + ": has text behind the end of the document");
            }
            return result;
        } catch (JsonProcessingException e) {
            String reason = e.getOriginalMessage()
                    .replaceFirst(", from `[A-Za-z.()]*`", "")
                    .replaceFirst(" \\((start marker|for [A-Za-z]+ starting) at .*", "");
            String shown = reason.length() <= 160 ? reason : reason.substring(0, 160) + "...";
            throw new InvalidInputException(
                    file + ": is not valid JSON"
                            + (e.getLocation() == null
                                    ? ""
                                    : " at line " + e.getLocation().getLineNr())
                            + " (" + shown
                            + "); the file is damaged, fetch it again",
                    e);
        } catch (IOException e) {
            throw new InvalidInputException(
                    file + ": is not valid JSON (" + InvalidInputException.reason(e)
                            + "); the file is damaged, fetch it again",
                    e);
        }
    }
}

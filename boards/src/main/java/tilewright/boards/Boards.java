package tilewright.boards;

import static tilewright.boards.InvalidBoardException.quoted;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.SortedSet;

/** The boards that come with the compiler, and the way to a user's own. */
public final class Boards {
    /** The largest board file that is read, in bytes; real ones have about 2 000. */
    static final int MAX_FILE_BYTES = 1 << 20;

    private Boards() {}

    /** The names of the bundled boards, sorted; no board file is opened for it. */
    public static SortedSet<String> names() {
        return BundledBoards.names();
    }

    /**
     * The bundled board of that name, or else the board in the YAML file at that path.
     *
     * @param nameOrPath a name of {@link #names}, or a path; what holds a {@code /} or ends in {@code .yaml} or
     *     {@code .yml} is taken for a path, and so is anything else that exists as a file
     * @throws UnknownBoardException if there is no such board
     * @throws InvalidBoardException if there is no such file or it is wrong; the message is one line and names the
     *     file, the line and the way out
     */
    public static Board load(String nameOrPath) {
        if (isName(nameOrPath)) {
            try (InputStream bundled = BundledBoards.open(nameOrPath)) {
                if (bundled != null) {
                    return read(BundledBoards.fileName(nameOrPath), bundled);
                }
            } catch (IOException e) {
                throw unreadable(BundledBoards.fileName(nameOrPath), e);
            }
        }
        return loadFile(nameOrPath);
    }

    /** Whether {@code text} can name a board: lower-case letters and digits, in groups joined by single hyphens. */
    static boolean isName(String text) {
        return text.length() <= 64 && text.matches("[a-z0-9]+(-[a-z0-9]+)*");
    }

    private static Board loadFile(String given) {
        Path path;
        try {
            path = Path.of(given);
        } catch (InvalidPathException e) {
            throw unknown(given);
        }
        if (given.isEmpty() || !Files.exists(path)) {
            throw looksLikePath(given) ? noSuchFile(given) : unknown(given);
        }
        if (!Files.isRegularFile(path)) {
            throw InvalidBoardException.in(
                    given, (Files.isDirectory(path) ? "is a folder" : "is not a regular file") + "; give a YAML file");
        }
        try (InputStream file = Files.newInputStream(path)) {
            return read(given, file);
        } catch (IOException e) {
            throw unreadable(given, e);
        }
    }

    private static Board read(String file, InputStream stream) throws IOException {
        byte[] bytes = stream.readNBytes(MAX_FILE_BYTES + 1);
        if (bytes.length > MAX_FILE_BYTES) {
            throw InvalidBoardException.in(
                    file,
                    "is larger than " + MAX_FILE_BYTES
                            + " bytes, the limit of a board file; is it another kind of file?");
        }
        return parse(file, bytes);
    }

    /** The board in {@code bytes}, the contents of {@code file}. */
    static Board parse(String file, byte[] bytes) {
        return BoardReader.read(file, decode(file, bytes));
    }

    private static String decode(String file, byte[] bytes) {
        ByteBuffer remaining = ByteBuffer.wrap(bytes);
        try {
            String text = StandardCharsets.UTF_8.newDecoder().decode(remaining).toString();
            return text.startsWith("\uFEFF") ? text.substring(1) : text;
        } catch (CharacterCodingException e) {
            int line = 1;
            for (int i = 0; i < remaining.position(); i++) {
                line += bytes[i] == '\n' ? 1 : 0;
            }
            throw InvalidBoardException.at(file, line, "not UTF-8 text; save the file as UTF-8");
        }
    }

    private static boolean looksLikePath(String given) {
        return given.contains("/") || given.contains("\\") || given.endsWith(".yaml") || given.endsWith(".yml");
    }

    private static InvalidBoardException noSuchFile(String given) {
        String fileName = given.substring(Math.max(given.lastIndexOf('/'), given.lastIndexOf('\\')) + 1);
        String stem = fileName.replaceFirst("\\.ya?ml$", "");
        return InvalidBoardException.in(
                given,
                names().contains(stem)
                        ? "no such file; did you mean the bundled board '" + stem + "'?"
                        : "no such file; give a YAML file or one of " + String.join(", ", names()));
    }

    private static InvalidBoardException unknown(String given) {
        return new UnknownBoardException("unknown board " + quoted(given) + "; " + Nearest.hint(given, names())
                + "Known: " + String.join(", ", names()) + "; or give the path of a YAML file");
    }

    private static InvalidBoardException unreadable(String file, IOException e) {
        return InvalidBoardException.in(
                file,
                "cannot be read (" + e.getClass().getSimpleName() + "); check that it exists and its permissions");
    }
}

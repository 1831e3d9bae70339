package tilewright.compiler.cli.language;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.StringTokenizer;
import tilewright.compiler.OptionException;
import tilewright.model.InvalidInputException;
import tilewright.model.data.Npy;

/** Reads token ids, and checks them against a vocabulary. */
public final class TokenIds {
    private static final String SEPARATORS = ", \t\r\n[]";
    private static final int MOST_DIGITS = 9;

    private TokenIds() {}

    /**
     * Ids as text: numbers between commas, white space or brackets.
     *
     * @param place what messages begin with: the option or the file
     * @throws InvalidInputException when there are none, or something else is between them
     */
    public static int[] parse(String place, String text) {
        StringTokenizer parts = new StringTokenizer(text, SEPARATORS);
        int[] ids = new int[parts.countTokens()];
        for (int i = 0; i < ids.length; i++) {
            String part = parts.nextToken();
            if (part.length() > MOST_DIGITS || !part.chars().allMatch(c -> c >= '0' && c <= '9')) {
                throw new InvalidInputException(place + ": id " + i + " is " + InvalidInputException.quoted(part)
                        + ", expected whole numbers from 0 on between commas");
            }
            ids[i] = Integer.parseInt(part);
        }
        if (ids.length == 0) {
            throw new InvalidInputException(place + ": holds no ids, expected numbers between commas");
        }
        return ids;
    }

    /**
     * {@link #parse} for what stands on the command line itself.
     *
     * @throws OptionException when there are none, or something else is between them
     */
    public static int[] parseOption(String option, String text) {
        try {
            return parse(option, text);
        } catch (InvalidInputException e) {
            throw new OptionException(e.getMessage());
        }
    }

    /**
     * Ids from a file: {@code .npy} with integers of any shape, else text.
     *
     * @throws InvalidInputException when it cannot be read or holds anything else
     */
    public static int[] read(Path file) {
        if (file.toString().toLowerCase(Locale.ROOT).endsWith(".npy")) {
            int[] ids = Npy.read(file).ints();
            if (ids.length == 0) {
                throw new InvalidInputException(file + ": holds no ids");
            }
            return ids;
        }
        return parse(file.toString(), text(file));
    }

    /**
     * A file as UTF-8 text; bytes that are none become U+FFFD.
     *
     * @throws InvalidInputException when it cannot be read, or holds a zero byte, as no text does
     */
    public static String text(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new InvalidInputException(
                    file + ": " + (Files.exists(file) ? "is no regular file" : "there is no such file"));
        }
        try {
            byte[] bytes = Files.readAllBytes(file);
            for (int i = 0; i < bytes.length; i++) {
                if (bytes[i] == 0) {
                    throw new InvalidInputException(
                            file + ": byte " + i + " is 0, so this is no text in UTF-8;"
                                    + " ids are given with --ids FILE.npy, other encodings have to be converted (iconv -t UTF-8)");
                }
            }
            return new String(bytes, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new InvalidInputException(file + ": cannot be read (" + InvalidInputException.reason(e) + ")", e);
        }
    }

    /**
     * {@link #check} for ids that stand on the command line itself.
     *
     * @throws OptionException naming the first that the vocabulary lacks
     */
    public static void checkOption(String option, int[] ids, int vocabulary) {
        try {
            check(option, ids, vocabulary);
        } catch (InvalidInputException e) {
            throw new OptionException(e.getMessage());
        }
    }

    /**
     * Refuses ids that a vocabulary lacks.
     *
     * @param place what messages begin with
     * @throws InvalidInputException naming the first of them
     */
    public static void check(String place, int[] ids, int vocabulary) {
        for (int i = 0; i < ids.length; i++) {
            if (ids[i] < 0 || ids[i] >= vocabulary) {
                throw new InvalidInputException(place + ": id " + i + " is " + ids[i] + ", the vocabulary has 0 to "
                        + (vocabulary - 1) + "; do model and ids belong together?");
            }
        }
    }
}

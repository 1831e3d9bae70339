package tilewright.model.tokenizer;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import tilewright.model.InvalidInputException;
import tilewright.model.tensor.NearestName;
import tilewright.model.tokenizer.regex.Regex;
import tilewright.model.tokenizer.regex.RegexMatcher;

/**
 * How a byte-pair tokenizer named in a GGUF file splits text into words, from the table
 * {@code tilewright/tokenizer/pre-tokenizers.txt}.
 *
 * <p>A block of the table: a line of names, a line of settings, and one line per regular expression. Each expression is
 * applied to the pieces that the one before left; its matches, and what is between them, are the new pieces.
 */
final class PreTokenization {
    private static final String TABLE = "/tilewright/tokenizer/pre-tokenizers.txt";
    private static final String NAMES = "names ";
    private static final String SETTINGS = "settings";
    private static final String SPLIT = "split ";

    private final Set<String> settings;
    private final List<Regex> patterns;

    private PreTokenization(Set<String> settings, List<Regex> patterns) {
        this.settings = settings;
        this.patterns = patterns;
    }

    /**
     * Finds the block of a name.
     *
     * @param place the file that names it, for messages
     * @throws InvalidInputException if there is none
     */
    static PreTokenization named(String name, String place) {
        Set<String> known = new TreeSet<>();
        try (InputStream in = PreTokenization.class.getResourceAsStream(TABLE);
                BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            String line = lines.readLine();
            while (line != null) {
                if (line.startsWith(NAMES)) {
                    List<String> names =
                            List.of(line.substring(NAMES.length()).trim().split(" +"));
                    known.addAll(names);
                    if (names.contains(name)) {
                        return read(lines);
                    }
                }
                line = lines.readLine();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        throw new InvalidInputException(place + ": metadata 'tokenizer.ggml.pre' is "
                + InvalidInputException.quoted(name) + ", expected one of " + String.join(", ", known)
                + NearestName.hint(name, known));
    }

    private static PreTokenization read(BufferedReader lines) throws IOException {
        Set<String> settings = new TreeSet<>();
        List<Regex> patterns = new ArrayList<>();
        for (String line = lines.readLine(); line != null && !line.isEmpty(); line = lines.readLine()) {
            if (line.startsWith(SETTINGS)) {
                settings.addAll(List.of(line.substring(SETTINGS.length()).trim().split(" +")));
            } else if (line.startsWith(SPLIT)) {
                patterns.add(Regex.compile(line.substring(SPLIT.length())));
            }
        }
        return new PreTokenization(settings, patterns);
    }

    /** Where the pieces of a text end, ascending; the last one ends where the text does. */
    int[] split(String text) {
        int[] ends = {text.length()};
        for (Regex pattern : patterns) {
            IntList finer = new IntList(text.length() / 4);
            int from = 0;
            for (int end : ends) {
                split(pattern.matcher(text, from, end), from, end, finer);
                from = end;
            }
            ends = finer.toArray();
        }
        return ends;
    }

    private static void split(RegexMatcher matcher, int from, int to, IntList ends) {
        int last = from;
        while (last < to && matcher.find()) {
            if (matcher.start() > last) {
                ends.add(matcher.start());
            }
            if (matcher.end() > matcher.start()) {
                ends.add(matcher.end());
            }
            last = matcher.end();
        }
        if (last < to) {
            ends.add(to);
        }
    }

    /** Whether a word that is a token is taken whole, whatever merges would make of it. */
    boolean ignoresMerges() {
        return settings.contains("ignore-merges");
    }

    /** Whether a begin-of-sequence token is added unless the file says otherwise. */
    boolean addsBos() {
        return settings.contains("add-bos");
    }

    /** Whether a separator is added unless the file says otherwise. */
    boolean addsSep() {
        return settings.contains("add-sep");
    }

    /** Whether tokens are text in which U+2581 stands for a space, rather than bytes as letters. */
    boolean marksSpaces() {
        return settings.contains("text");
    }
}

package tilewright.model.data;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tilewright.model.InvalidInputException;

/**
 * Reads {@code labels.txt} or {@code labels.csv} beside images.
 *
 * <p>Either each line is a label, in the order of the sorted file names, or each line is a file name and its label,
 * separated by a comma, semicolon, tab or space, in any order. Empty lines are skipped, and so is a first line
 * {@code name,label} (or the like, without digits) in a {@code .csv}.
 */
final class LabelFile {
    private static final int MAX_BYTES = 1 << 26;
    private static final int MAX_LABEL_DIGITS = 9;
    private static final String SEPARATORS = ",; \t";

    private LabelFile() {}

    /** The labels of the named images, or null if the folder has no label file. */
    static int[] read(Path folder, List<String> images) {
        Path text = folder.resolve("labels.txt");
        Path table = folder.resolve("labels.csv");
        if (Files.exists(text) && Files.exists(table)) {
            throw new InvalidInputException(folder + ": holds both labels.txt and labels.csv; keep one of them");
        }
        if (Files.exists(text)) {
            return labels(text, lines(text), images);
        }
        return Files.exists(table) ? labels(table, lines(table), images) : null;
    }

    private static List<String> lines(Path file) {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw new InvalidInputException(
                        file + ": " + Files.size(file) + " bytes exceed the limit of " + MAX_BYTES + " for labels");
            }
            return Files.readAllLines(file, StandardCharsets.UTF_8);
        } catch (CharacterCodingException e) {
            throw new InvalidInputException(file + ": not valid UTF-8; save it as plain text", e);
        } catch (IOException e) {
            throw MappedFile.unreadable(file.toString(), e);
        }
    }

    /** What one line says; {@code image} is null where the line is a label only. */
    private record Line(String image, int label) {
        /** Reads a line from its end: digits, and before them separators and a name; null if it is neither. */
        static Line parse(String line) {
            int digits = line.length();
            while (digits > 0 && line.charAt(digits - 1) >= '0' && line.charAt(digits - 1) <= '9') {
                digits--;
            }
            int name = digits;
            while (name > 0 && SEPARATORS.indexOf(line.charAt(name - 1)) >= 0) {
                name--;
            }
            int length = line.length() - digits;
            boolean alone = digits == 0;
            if (length == 0 || length > MAX_LABEL_DIGITS || !(alone || name > 0 && name < digits)) {
                return null;
            }
            return new Line(alone ? null : line.substring(0, name), Integer.parseInt(line.substring(digits)));
        }

        /** Whether a line names columns: it has a separator and no digit. */
        static boolean isTitle(String line) {
            return line.chars().anyMatch(c -> c == ',' || c == ';')
                    && line.chars().noneMatch(Character::isDigit);
        }
    }

    private static int[] labels(Path file, List<String> lines, List<String> images) {
        Map<String, Integer> indexOfImage = HashMap.newHashMap(images.size());
        for (int i = 0; i < images.size(); i++) {
            indexOfImage.put(images.get(i), i);
        }
        int[] labels = new int[images.size()];
        Arrays.fill(labels, -1);
        int found = 0;
        boolean named = false;
        for (int number = 1; number <= lines.size(); number++) {
            String text = lines.get(number - 1).strip();
            if (text.isEmpty() || (number == 1 && file.toString().endsWith(".csv") && Line.isTitle(text))) {
                continue;
            }
            String place = file + ":" + number + ": ";
            Line line = Line.parse(text);
            if (line == null) {
                throw new InvalidInputException(place + InvalidInputException.quoted(text)
                        + " is neither a label nor a file name and a label; labels are integers from 0");
            }
            if (found > 0 && named != (line.image() != null)) {
                throw new InvalidInputException(place + InvalidInputException.quoted(text) + " has "
                        + (named ? "no" : "a") + " file name, unlike the lines before; write all lines alike");
            }
            named = line.image() != null;
            int index = named ? indexOfImage.getOrDefault(line.image(), -1) : found;
            if (index < 0) {
                throw new InvalidInputException(place + "there is no image "
                        + InvalidInputException.quoted(line.image()) + "; remove the line or add the image");
            }
            if (index == labels.length) {
                throw new InvalidInputException(
                        place + "more labels than the " + images.size() + " images; remove the surplus ones");
            }
            if (labels[index] >= 0) {
                throw new InvalidInputException(place + "image " + InvalidInputException.quoted(images.get(index))
                        + " has a label already; remove one of the lines");
            }
            labels[index] = line.label();
            found++;
        }
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] < 0) {
                throw new InvalidInputException(file + ": image " + InvalidInputException.quoted(images.get(i))
                        + " has no label (" + found + " labels for " + images.size() + " images); add it");
            }
        }
        return labels;
    }
}

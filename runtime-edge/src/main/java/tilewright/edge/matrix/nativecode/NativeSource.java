package tilewright.edge.matrix.nativecode;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** C source that is part of the program, as one text. */
public final class NativeSource {
    private static final Pattern INCLUDE = Pattern.compile("#include \"([^\"]+)\"");

    private NativeSource() {}

    /**
     * A file with the files that it includes by {@code #include "name"} in their places; compilers' messages name the file and
     * line that they are about.
     *
     * @param beside all files are resources beside this class
     * @throws IllegalStateException when a file is not there
     */
    public static String read(Class<?> beside, String name) {
        StringBuilder text = new StringBuilder();
        append(beside, name, text);
        return text.toString();
    }

    private static void append(Class<?> beside, String name, StringBuilder text) {
        mark(1, name, text);
        int number = 0;
        for (String line : resource(beside, name).lines().toList()) {
            number++;
            Matcher include = INCLUDE.matcher(line);
            if (include.matches()) {
                append(beside, include.group(1), text);
                mark(number + 1, name, text);
            } else {
                text.append(line).append('\n');
            }
        }
    }

    private static void mark(int line, String name, StringBuilder text) {
        text.append("#line ").append(line).append(" \"").append(name).append("\"\n");
    }

    private static String resource(Class<?> beside, String name) {
        try (InputStream in = beside.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException(name + " is not part of the program");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException(name + " cannot be read from the program", e);
        }
    }
}

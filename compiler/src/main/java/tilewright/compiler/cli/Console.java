package tilewright.compiler.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.CharsetEncoder;
import tilewright.compiler.Progress;

/** Where commands print: answers to standard output, everything else to standard error. */
final class Console implements AutoCloseable {
    private final BufferedReader in;
    private final PrintStream out;
    private final PrintStream err;
    private final ProgressDisplay progress;
    private final boolean blocks;

    private final boolean terminal;

    /** Made when the first object is printed: most commands print none. */
    private static final class Json {
        static final ObjectMapper MAPPER = new ObjectMapper();
    }

    /** A console on these streams; {@code terminal} says whether {@code err} can draw bars. */
    Console(Reader in, PrintStream out, PrintStream err, boolean terminal) {
        this.in = new BufferedReader(in);
        this.terminal = terminal;
        this.out = out;
        this.err = err;
        this.progress = terminal ? new ProgressBars(err) : new ProgressLines(err);
        CharsetEncoder encoder = out.charset().newEncoder();
        this.blocks = encoder.canEncode('█') && encoder.canEncode('░');
    }

    /** Prints a line of the answer. */
    void line(String text) {
        out.println(text);
    }

    /** Prints a formatted line of the answer, with the number format of {@link java.util.Locale#ROOT}. */
    void line(String format, Object... arguments) {
        out.println(String.format(java.util.Locale.ROOT, format, arguments));
    }

    /** Prints a piece of the answer at once, without a line's end. */
    void text(String piece) {
        out.print(piece);
        out.flush();
    }

    /**
     * Reads a line of standard input, without its end; null when there are no more.
     *
     * @param prompt shown to a person before
     */
    String readLine(String prompt) {
        if (terminal) {
            err.print(prompt);
            err.flush();
        }
        try {
            return in.readLine();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Prints the answer as one JSON object on one line. */
    void json(JsonNode object) {
        try {
            out.println(Json.MAPPER.writeValueAsString(object));
            out.flush();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of plain values has no JSON", e);
        }
    }

    /** An empty JSON object. */
    static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    /** Prints a line that is not part of the answer. */
    void note(String text) {
        progress.end();
        err.println(text);
    }

    /** Shows the progress of long work: bars on a terminal, lines elsewhere. */
    Progress progress() {
        return progress;
    }

    /** Ends a bar that is being drawn, so that what follows starts on a line of its own. */
    void endProgress() {
        progress.end();
    }

    /** A bar of {@code width} characters for a share of 0 to 1: blocks, or {@code #} where the output cannot show them. */
    String bar(double share, int width) {
        int full = (int) Math.round(Math.clamp(share, 0.0, 1.0) * width);
        return (blocks ? "█" : "#").repeat(full) + (blocks ? "░" : ".").repeat(width - full);
    }

    PrintWriter outWriter() {
        return new PrintWriter(out, true, out.charset());
    }

    PrintWriter errWriter() {
        return new PrintWriter(err, true, err.charset());
    }

    @Override
    public void close() {
        progress.end();
    }
}

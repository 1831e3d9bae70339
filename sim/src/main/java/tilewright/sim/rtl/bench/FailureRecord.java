package tilewright.sim.rtl.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import tilewright.sim.SimulationException;
import tilewright.sim.rtl.Port;

/**
 * What a failing bench leaves in a folder of its own: this as {@code failure.json}, the design's text, and all that was set
 * and ticked up to the failure.
 *
 * @param design the top module's name
 * @param digest SHA-256 of the design's text
 * @param engines what ran it
 * @param seed the bench's seed
 * @param stalls its stalls
 * @param message what was wrong
 * @param ports the design's ports
 * @param clocks the names of its clocks
 */
public record FailureRecord(
        String design,
        String digest,
        List<String> engines,
        long seed,
        Stalls stalls,
        String message,
        List<Port> ports,
        List<String> clocks) {
    /** The file of this record in its folder. */
    public static final String FILE = "failure.json";
    /** The file of the design in its folder. */
    public static final String DESIGN = "design.sv";
    /** The file of what was set and ticked in its folder. */
    public static final String STIMULUS = "stimulus.gz";
    /** The file that a trace gets in its folder. */
    public static final String TRACE = "trace.vcd";
    /** The file of the Java engine's trace in its folder, where that engine ran it and it is not too long. */
    public static final String JAVA_TRACE = "java.vcd";

    private static final ObjectMapper JSON = new ObjectMapper()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    /** Writes it into its folder. */
    void write(Path folder) throws IOException {
        Files.writeString(folder.resolve(FILE), JSON.writeValueAsString(this) + "\n");
    }

    /**
     * Reads the record of a folder.
     *
     * @throws SimulationException when it is not one
     */
    public static FailureRecord read(Path folder) {
        Path file = folder.resolve(FILE);
        try {
            FailureRecord record = JSON.readValue(Files.readString(file), FailureRecord.class);
            if (record.design == null || record.ports == null || record.clocks == null || record.message == null) {
                throw new SimulationException(file + ": a field is missing; run the failing test again");
            }
            return record;
        } catch (JsonProcessingException e) {
            throw new SimulationException(
                    "%s: not the record of a failing bench (%s); run the failing test again"
                            .formatted(file, e.getOriginalMessage()),
                    e);
        } catch (IOException e) {
            throw new SimulationException("%s: cannot be read (%s)".formatted(file, e.getMessage()), e);
        }
    }

    /** The folders of records: the folder itself, or those directly inside it, by name. */
    public static List<Path> folders(Path folder) {
        if (Files.isRegularFile(folder.resolve(FILE))) {
            return List.of(folder);
        }
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> inside = Files.list(folder)) {
            return inside.filter(each -> Files.isRegularFile(each.resolve(FILE)))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(folder + ": cannot be listed", e);
        }
    }
}

package tilewright.compiler.build;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import tilewright.compiler.CompileException;
import tilewright.compiler.report.ReportData;
import tilewright.hw.program.Program;
import tilewright.hw.program.ProgramFile;
import tilewright.model.InvalidInputException;
import tilewright.model.data.ImageSet;

/**
 * A folder that {@code compile} wrote.
 *
 * @param folder where it lies
 * @param manifest what {@value #MANIFEST} says
 * @param program the integer program
 */
public record BuildDirectory(Path folder, BuildManifest manifest, Program program) {
    /** Names the build's inputs and files. */
    public static final String MANIFEST = "build.json";

    /** The float graph of every task after the passes. */
    static final String GRAPH = "graph.txt";

    /** The scale of every tensor, and how it was found. */
    static final String CALIBRATION = "calibration.txt";

    /** The plan and its estimate. */
    static final String PLAN = "plan.json";

    /** The integer program. */
    static final String PROGRAM = "program.bin";

    /** The HLS design. */
    static final String HLS = "hls";

    /** The images kept for verification. */
    static final String IMAGES = "images.bin";

    /** What the report shows, as data. */
    static final String REPORT_DATA = "report.json";

    /** The report. */
    static final String REPORT = "report.html";

    private static final int MAX_NAMED = 3;
    private static final ObjectMapper JSON = new ObjectMapper()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    /** Whether a folder is a build directory. */
    public static boolean is(Path folder) {
        return Files.isRegularFile(folder.resolve(MANIFEST));
    }

    /**
     * Opens a build directory and checks that its files are as they were written.
     *
     * @throws CompileException when it is none, or a file was changed or is missing
     */
    public static BuildDirectory open(Path folder) {
        if (!is(folder)) {
            throw new CompileException(folder + ": is no build directory, it has no " + MANIFEST
                    + "; make one with tilewright compile MODEL --board NAME -o " + folder);
        }
        BuildManifest manifest = readJson(folder.resolve(MANIFEST), BuildManifest.class);
        try {
            requireUnchanged(folder, manifest.artefacts());
            return new BuildDirectory(folder, manifest, ProgramFile.read(folder.resolve(PROGRAM)));
        } catch (IOException e) {
            throw new CompileException(folder + ": cannot be read: " + e.getMessage() + "; compile the model again");
        }
    }

    private static void requireUnchanged(Path folder, List<BuildManifest.Artefact> artefacts) throws IOException {
        List<String> changed = new ArrayList<>();
        for (BuildManifest.Artefact artefact : artefacts) {
            Path file = inside(folder, artefact.path());
            if (!Files.isRegularFile(file)
                    || Files.size(file) != artefact.bytes()
                    || !Digests.of(file).equals(artefact.sha256())) {
                changed.add(artefact.path());
            }
        }
        if (!changed.isEmpty()) {
            throw new CompileException(folder + ": " + changed.size() + " file"
                    + (changed.size() == 1 ? " is" : "s are") + " missing or changed since the build: "
                    + String.join(", ", changed.subList(0, Math.min(MAX_NAMED, changed.size())))
                    + (changed.size() > MAX_NAMED ? ", ..." : "") + "; compile the model again");
        }
    }

    /** The place of a file of the build, which must not lie outside of it. */
    private static Path inside(Path folder, String path) {
        Path root = folder.toAbsolutePath().normalize();
        Path file;
        try {
            file = root.resolve(path).normalize();
        } catch (InvalidPathException e) {
            file = null;
        }
        if (file == null || !file.startsWith(root)) {
            throw new CompileException(folder.resolve(MANIFEST) + ": names "
                    + InvalidInputException.quoted(path.replaceAll("\\p{Cntrl}", "?"))
                    + " outside the build; compile the model again");
        }
        return file;
    }

    /** The images that were kept for verification. */
    public ImageSet images() {
        BuildManifest.Images images = manifest.images();
        try {
            byte[] pixels = Files.readAllBytes(folder.resolve(IMAGES));
            int[] labels = images.labels().isEmpty()
                    ? null
                    : images.labels().stream().mapToInt(label -> label).toArray();
            return ImageSet.of(
                    folder.resolve(IMAGES).toString(),
                    images.channels(),
                    images.height(),
                    images.width(),
                    pixels,
                    labels);
        } catch (IOException e) {
            throw new UncheckedIOException(folder + ": the images cannot be read; compile the model again", e);
        } catch (IllegalArgumentException e) {
            throw new CompileException(folder.resolve(IMAGES) + ": does not fit " + MANIFEST + ": " + e.getMessage());
        }
    }

    /** The folder of the HLS design. */
    Path hls() {
        return folder.resolve(HLS);
    }

    /** What the report showed when the build was made. */
    ReportData reportData() {
        return readJson(folder.resolve(REPORT_DATA), ReportData.class);
    }

    /** Lists the files below a folder with their digests, in alphabetical order. */
    static List<BuildManifest.Artefact> artefacts(Path folder) throws IOException {
        List<Path> files;
        try (Stream<Path> walk = Files.walk(folder)) {
            files = walk.filter(Files::isRegularFile).toList();
        }
        List<BuildManifest.Artefact> artefacts = new ArrayList<>();
        for (Path file : files) {
            String path = folder.relativize(file).toString().replace('\\', '/');
            artefacts.add(new BuildManifest.Artefact(path, Files.size(file), Digests.of(file)));
        }
        artefacts.sort(java.util.Comparator.comparing(BuildManifest.Artefact::path));
        return artefacts;
    }

    /** Writes a record as JSON. */
    static void writeJson(Path file, Object value) throws IOException {
        Files.writeString(file, JSON.writeValueAsString(value) + "\n");
    }

    private static <T> T readJson(Path file, Class<T> type) {
        try {
            T value = JSON.readValue(Files.readString(file), type);
            if (value == null) {
                throw new CompileException(file + ": is empty; compile the model again");
            }
            return value;
        } catch (JsonProcessingException e) {
            JsonLocation place = e.getLocation();
            throw new CompileException(file + ": is damaged"
                    + (place == null ? "" : " at line " + place.getLineNr() + ", column " + place.getColumnNr())
                    + "; compile the model again");
        } catch (IOException e) {
            throw new CompileException(file + ": cannot be read: " + e.getMessage() + "; compile the model again");
        }
    }
}

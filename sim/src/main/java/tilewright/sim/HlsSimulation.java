package tilewright.sim;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import tilewright.hw.hls.DesignParameters;
import tilewright.hw.hls.HlsDesign;
import tilewright.hw.hls.MemoryMap;
import tilewright.hw.hls.MemoryMap.Location;
import tilewright.hw.program.Buffer;
import tilewright.hw.program.Program;
import tilewright.hw.program.TaskProgram;

/**
 * C simulation of an emitted HLS design: runs tasks, or some of their steps, on many images, and reads any buffer.
 *
 * <p>Values are exchanged as {@link tilewright.hw.program.GoldenMachine} has them: {@code [tokens, features]}, row-major,
 * without padding.
 */
public final class HlsSimulation {
    private static final Duration LIMIT = Duration.ofHours(12);
    private static final int FEW = 8;

    private final Program program;
    private final MemoryMap map;
    private final Path folder;
    private final CSimulation simulation;

    private HlsSimulation(Program program, MemoryMap map, Path folder, CSimulation simulation) {
        this.program = program;
        this.map = map;
        this.folder = folder;
        this.simulation = simulation;
    }

    /**
     * What one image goes through: some runs of consecutive steps, one after the other.
     *
     * @param image {@code [channels, height, width]} pixels, 0 to 255
     * @param segments in order; buffers keep their contents in between
     */
    public record Run(byte[] image, List<Segment> segments) {
        /** A run with an unchangeable list. */
        public Run {
            segments = List.copyOf(segments);
        }
    }

    /**
     * Consecutive steps of a task.
     *
     * @param firstStep where to start
     * @param lastStep where to stop, not included
     * @param residual what the residual stream holds before, or null to leave it as it is
     * @param reads the buffers to read afterwards
     */
    public record Segment(int firstStep, int lastStep, int[] residual, List<Buffer> reads) {
        /** A segment with an unchangeable list. */
        public Segment {
            reads = List.copyOf(reads);
        }
    }

    /**
     * Compiles a design with the compiler of this machine, or takes it from the user's cache.
     *
     * @param program the program that the design was emitted from
     * @param parameters the sizes that it was emitted with
     * @param folder of the design
     * @throws SimulationException when there is no compiler or the design does not compile
     */
    public static HlsSimulation open(Program program, DesignParameters parameters, Path folder) {
        return open(program, parameters, folder, CppCompiler.find(), CSimulation.FLAGS, CSimulation.defaultCache());
    }

    /** Compiles a design as {@link #open(Program, DesignParameters, Path)} does, in a way of one's own. */
    public static HlsSimulation open(
            Program program,
            DesignParameters parameters,
            Path folder,
            CppCompiler compiler,
            List<String> flags,
            Path cache) {
        List<String> sources = Stream.concat(HlsDesign.sources().stream(), Stream.of(HlsDesign.simulator()))
                .toList();
        CSimulation.Design design = new CSimulation.Design(folder, sources, HlsDesign.includes(), flags);
        return new HlsSimulation(
                program, MemoryMap.of(program, parameters), folder, CSimulation.build(compiler, design, cache));
    }

    /**
     * Runs a task on images.
     *
     * @param task its number in the program
     * @return the result buffer for each image, {@code [tokens, features]}
     * @throws IllegalArgumentException if there is no such task, or an image has the wrong size
     * @throws SimulationException when the design fails
     */
    public int[][] run(int task, List<byte[]> images) {
        TaskProgram steps = task(task);
        Segment whole = new Segment(0, steps.steps().size(), null, List.of(steps.result()));
        return execute(
                        task,
                        images.stream()
                                .map(image -> new Run(image, List.of(whole)))
                                .toList())
                .stream()
                .map(List::getFirst)
                .toArray(int[][]::new);
    }

    /**
     * Runs a task on one image, step by step.
     *
     * @return the contents of all buffers by name after each step; zeros where nothing was written yet
     */
    public List<Map<String, int[]>> trace(int task, byte[] image) {
        List<Buffer> buffers = List.copyOf(program.buffers().values());
        List<Segment> segments = new ArrayList<>();
        for (int step = 0; step < task(task).steps().size(); step++) {
            segments.add(new Segment(step, step + 1, null, buffers));
        }
        List<int[]> contents = execute(task, List.of(new Run(image, segments))).getFirst();
        List<Map<String, int[]>> trace = new ArrayList<>();
        for (int step = 0; step < segments.size(); step++) {
            Map<String, int[]> buffersNow = new LinkedHashMap<>();
            for (int i = 0; i < buffers.size(); i++) {
                buffersNow.put(buffers.get(i).name(), contents.get(step * buffers.size() + i));
            }
            trace.add(buffersNow);
        }
        return trace;
    }

    /**
     * Runs segments of a task; many runs are spread over the processors.
     *
     * @return for each run, what its segments read, in order
     * @throws IllegalArgumentException if there is no such task, or an image or a residual stream has the wrong size
     * @throws SimulationException when the design fails
     */
    public List<List<int[]>> execute(int task, List<Run> runs) {
        task(task);
        int processes = runs.size() < FEW ? 1 : Runtime.getRuntime().availableProcessors();
        List<Future<List<List<int[]>>>> parts = new ArrayList<>();
        try (ExecutorService executor = Executors.newFixedThreadPool(processes)) {
            for (int i = 0; i < processes; i++) {
                List<Run> part = runs.subList(runs.size() * i / processes, runs.size() * (i + 1) / processes);
                parts.add(executor.submit(() -> executePart(task, part)));
            }
        }
        List<List<int[]>> results = new ArrayList<>();
        for (Future<List<List<int[]>>> part : parts) {
            results.addAll(finished(part));
        }
        return results;
    }

    private static <T> T finished(Future<T> part) {
        try {
            return part.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SimulationException("the C simulation was interrupted", e);
        }
    }

    private List<List<int[]>> executePart(int task, List<Run> runs) {
        try {
            Path work = Files.createTempDirectory("tilewright-sim");
            try {
                writeScript(task, runs, work);
                List<String> arguments =
                        List.of(folder.resolve("data").toAbsolutePath().toString(), Work.SCRIPT, Work.OUTPUT);
                StringBuilder errors = new StringBuilder();
                simulation.run(
                        arguments, work, LIMIT, line -> errors.append(line).append('\n'));
                if (!errors.isEmpty()) {
                    throw new SimulationException("%s: C simulation complains: %s"
                            .formatted(
                                    folder,
                                    errors.toString().lines().findFirst().orElseThrow()));
                }
                return readOutput(runs, work.resolve(Work.OUTPUT));
            } finally {
                for (String file : Work.FILES) {
                    Files.deleteIfExists(work.resolve(file));
                }
                Files.delete(work);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(folder + ": the files of a C simulation cannot be written or read", e);
        }
    }

    /** The files of one process. */
    private static final class Work {
        static final String SCRIPT = "script.txt";
        static final String IMAGES = "images.bin";
        static final String RESIDUALS = "residuals.bin";
        static final String OUTPUT = "output.bin";
        static final List<String> FILES = List.of(SCRIPT, IMAGES, RESIDUALS, OUTPUT);
    }

    private void writeScript(int task, List<Run> runs, Path work) throws IOException {
        Location residual = map.location(program.residual());
        StringBuilder script = new StringBuilder();
        long forced = 0;
        try (OutputStream images = stream(work.resolve(Work.IMAGES));
                OutputStream residuals = stream(work.resolve(Work.RESIDUALS))) {
            for (int i = 0; i < runs.size(); i++) {
                images.write(checked(runs.get(i).image()));
                script.append("image ")
                        .append(Work.IMAGES)
                        .append(' ')
                        .append(i)
                        .append('\n');
                for (Segment segment : runs.get(i).segments()) {
                    if (segment.residual() != null) {
                        byte[] bytes = map.encode(residual, checked(residual, segment.residual()));
                        residuals.write(bytes);
                        script.append("load ").append(area(residual)).append(Work.RESIDUALS);
                        script.append(' ').append(forced).append('\n');
                        forced += bytes.length;
                    }
                    script.append("run ").append(task).append(' ').append(segment.firstStep());
                    script.append(' ').append(segment.lastStep()).append('\n');
                    for (Buffer buffer : segment.reads()) {
                        script.append("store ")
                                .append(area(map.location(buffer)))
                                .append('\n');
                    }
                }
            }
        }
        Files.writeString(work.resolve(Work.SCRIPT), script);
    }

    private List<List<int[]>> readOutput(List<Run> runs, Path output) throws IOException {
        List<List<int[]>> results = new ArrayList<>();
        try (FileChannel channel = FileChannel.open(output, StandardOpenOption.READ)) {
            for (Run run : runs) {
                List<int[]> contents = new ArrayList<>();
                for (Segment segment : run.segments()) {
                    for (Buffer buffer : segment.reads()) {
                        Location location = map.location(buffer);
                        ByteBuffer bytes = ByteBuffer.allocate(location.words() * map.wordBytes(location.memory()));
                        while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
                            continue;
                        }
                        if (bytes.hasRemaining()) {
                            throw new SimulationException(folder + ": the C simulation wrote too little output");
                        }
                        contents.add(map.decode(location, bytes.flip()));
                    }
                }
                results.add(contents);
            }
        }
        return results;
    }

    private static String area(Location location) {
        return location.memory().label() + " " + location.firstWord() + " " + location.words() + " ";
    }

    private static OutputStream stream(Path file) throws IOException {
        return new BufferedOutputStream(Files.newOutputStream(file));
    }

    private TaskProgram task(int task) {
        if (task < 0 || task >= program.tasks().size()) {
            throw new IllegalArgumentException(
                    "no task " + task + "; the program has " + program.tasks().size());
        }
        return program.tasks().get(task);
    }

    private byte[] checked(byte[] image) {
        if (image.length != program.geometry().imageBytes()) {
            throw new IllegalArgumentException("an image of " + image.length + " bytes; the program's have "
                    + program.geometry().imageBytes());
        }
        return image;
    }

    private static int[] checked(Location location, int[] values) {
        int expected = location.tokens() * location.layout().features();
        if (values.length != expected) {
            throw new IllegalArgumentException(
                    "a residual stream of " + values.length + " values; the program's has " + expected);
        }
        return values;
    }
}

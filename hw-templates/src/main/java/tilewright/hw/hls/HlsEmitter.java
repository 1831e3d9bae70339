package tilewright.hw.hls;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import tilewright.hw.hls.MemoryMap.Location;
import tilewright.hw.program.GoldenMachine;
import tilewright.hw.program.Program;
import tilewright.hw.program.TaskProgram;

/**
 * Writes the HLS C++ design of a program: sources, test bench, scripts, host driver, and the contents of its memories.
 *
 * <p>The C++ computes what {@link GoldenMachine} computes, bit for bit. The same inputs give the same bytes.
 */
public final class HlsEmitter {
    /** The files in {@code src}. */
    static final List<String> SOURCES = List.of(
            "activation.cpp",
            "activation.hpp",
            "attention_unit.cpp",
            "attention_unit.hpp",
            "design.hpp",
            "embed_unit.cpp",
            "embed_unit.hpp",
            "fixed_point.hpp",
            "linear_unit.cpp",
            "linear_unit.hpp",
            "norm_unit.cpp",
            "norm_unit.hpp",
            "program.hpp",
            "queues.cpp",
            "queues.hpp",
            "route_unit.cpp",
            "route_unit.hpp",
            "softmax.cpp",
            "softmax.hpp",
            "top.cpp",
            "top.hpp");

    private static final List<String> OTHERS = List.of(
            "README.md",
            "host/host.cpp",
            "scripts/vitis_hls.tcl",
            "scripts/vivado.tcl",
            "testbench/memories.hpp",
            "testbench/simulate.cpp",
            "testbench/testbench.cpp");

    private static final String TABLES = "residual_init.bin";
    private static final String IMAGES = "test_images.bin";
    private static final String RESULTS = "test_results.bin";
    private static final int IMAGE_PATTERN = 37;

    private HlsEmitter() {}

    /**
     * Writes a design into a folder, which is made when it does not exist.
     *
     * @throws IllegalArgumentException naming the step that no such design can run, and why; nothing is written
     * @throws ArithmeticException naming a layer whose accumulator could overflow; nothing is written
     * @throws UncheckedIOException when the folder cannot be written
     */
    public static HlsDesign emit(Program program, DesignParameters parameters, Path directory) {
        MemoryMap map = MemoryMap.of(program, parameters);
        ProgramRom rom = new ProgramRom(program, parameters, map);
        Templates templates = new Templates(TemplateVariables.of(program, parameters, map, rom));
        try {
            for (String file : SOURCES) {
                write(directory.resolve("src").resolve(file), templates.render("src/" + file));
            }
            for (String file : OTHERS) {
                write(directory.resolve(file), templates.render(file));
            }
            StandIn.writeTo(directory.resolve("include").resolve("standin"));
            Path data = Files.createDirectories(directory.resolve("data"));
            rom.weights().write(data);
            rom.constants().write(data);
            try (OutputStream output = new BufferedOutputStream(Files.newOutputStream(data.resolve(TABLES)))) {
                map.writeConstants(output);
            }
            writeTest(program, map, data);
            return new HlsDesign(directory, files(parameters));
        } catch (IOException e) {
            throw new UncheckedIOException(directory + ": cannot write the HLS design; is the folder writable?", e);
        }
    }

    /** One image with a pattern and the results of all tasks on it, as they lie in memory. */
    private static void writeTest(Program program, MemoryMap map, Path data) throws IOException {
        byte[] image = new byte[program.geometry().imageBytes()];
        for (int i = 0; i < image.length; i++) {
            image[i] = (byte) (i * IMAGE_PATTERN + i / program.geometry().width());
        }
        Files.write(data.resolve(IMAGES), image);
        ByteArrayOutputStream results = new ByteArrayOutputStream();
        for (TaskProgram task : program.tasks()) {
            Location location = map.location(task.result());
            results.writeBytes(map.encode(location, new GoldenMachine(program).run(task, image)));
        }
        Files.write(data.resolve(RESULTS), results.toByteArray());
    }

    private static List<Path> files(DesignParameters parameters) {
        Stream<String> sources = SOURCES.stream().map(file -> "src/" + file);
        Stream<String> headers = StandIn.files().stream().map(file -> "include/standin/" + file);
        Stream<String> weights = IntStream.range(0, parameters.weightPorts()).mapToObj(WeightImage::fileName);
        Stream<String> data = Stream.concat(Stream.of(ParameterImage.FILE_NAME, TABLES, IMAGES, RESULTS), weights)
                .map(file -> "data/" + file);
        return Stream.of(sources, OTHERS.stream(), headers, data)
                .flatMap(names -> names)
                .sorted()
                .map(Path::of)
                .toList();
    }

    private static void write(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.write(file, text.getBytes(StandardCharsets.UTF_8));
    }
}

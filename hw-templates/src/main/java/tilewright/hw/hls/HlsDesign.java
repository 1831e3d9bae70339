package tilewright.hw.hls;

import java.nio.file.Path;
import java.util.List;

/**
 * An HLS C++ design on disk.
 *
 * @param directory its folder
 * @param files all files in it, relative to the folder, in alphabetical order
 */
public record HlsDesign(Path directory, List<Path> files) {
    /** The C++ files of the accelerator, relative to the folder, without test benches. */
    public static List<String> sources() {
        return HlsEmitter.SOURCES.stream()
                .filter(name -> name.endsWith(".cpp"))
                .map(name -> "src/" + name)
                .toList();
    }

    /** The folders of headers that a plain C++ compiler needs, relative to the design's folder. */
    public static List<String> includes() {
        return List.of("include/standin", "src");
    }

    /** The program that runs a script of images and steps; relative to the folder. */
    public static String simulator() {
        return "testbench/simulate.cpp";
    }

    /** The program that checks one image; relative to the folder. */
    public static String testbench() {
        return "testbench/testbench.cpp";
    }
}

package tilewright.hw.lang.emit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tilewright.hw.lang.design.Design;
import tilewright.hw.lang.design.Module;

/**
 * Prints a design as SystemVerilog; equal designs give equal text. Where a component has a vendor's primitive, both are
 * printed: the behavioural twin, and, where the macro {@code TILEWRIGHT_PRIMITIVES} is defined, the primitive.
 */
public final class SystemVerilog {
    private SystemVerilog() {}

    /** The whole design as one text, children before parents. */
    public static String text(Design design) {
        String modules = String.join("\n", files(design).values());
        // Verilator wants a file to be called after its module, which one file for several cannot be.
        return design.modules().size() == 1 ? modules : "/* verilator lint_off DECLFILENAME */\n\n" + modules;
    }

    /** One file for each module, by its name ({@code "Counter.sv"}), children before parents. */
    public static Map<String, String> files(Design design) {
        ModuleFrame frame = new ModuleFrame();
        Map<String, String> files = new LinkedHashMap<>();
        for (Module module : design.modules()) {
            files.put(module.name() + ".sv", frame.text(module));
        }
        return files;
    }

    /**
     * Writes one file for each module into a folder, which is made when it does not exist.
     *
     * @return the files, children before parents
     * @throws UncheckedIOException when the folder cannot be written
     */
    public static List<Path> write(Design design, Path folder) {
        List<Path> paths = new ArrayList<>();
        try {
            Files.createDirectories(folder);
            for (Map.Entry<String, String> file : files(design).entrySet()) {
                paths.add(Files.writeString(folder.resolve(file.getKey()), file.getValue()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(folder + ": cannot write the design; is the folder writable?", e);
        }
        return paths;
    }
}

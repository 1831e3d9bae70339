package tilewright.sim.rtl.compiled;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tilewright.hw.lang.design.FlatDesign;
import tilewright.hw.lang.design.Net;

/** Writes the values of all nets as a value change dump (IEEE 1800, clause 21.7): each scope an instance. */
final class VcdWriter implements AutoCloseable {
    /** What stands in the file's header besides names. */
    private static final String HEADER = "$version tilewright $end\n$timescale 1ns $end\n";

    private final Writer out;
    private final Path file;
    private final List<Net> nets = new ArrayList<>();
    private final List<String> codes = new ArrayList<>();
    private final Slots slots;
    private final long[] before;
    private boolean first = true;

    VcdWriter(Path file, FlatDesign design, Slots slots) {
        this.file = file;
        this.slots = slots;
        before = new long[slots.size()];
        try {
            Path parent = file.toAbsolutePath().getParent();
            Files.createDirectories(parent);
            out = Files.newBufferedWriter(file, StandardCharsets.UTF_8);
            out.write(HEADER);
            scope(design.module().name(), tree(design.paths()));
            out.write("$enddefinitions $end\n");
        } catch (IOException e) {
            throw failure(e);
        }
    }

    /** An instance's nets and instances. */
    private record Scope(Map<String, Net> nets, Map<String, Scope> inside) {
        Scope() {
            this(new TreeMap<>(), new TreeMap<>());
        }
    }

    private static Scope tree(Map<String, Net> paths) {
        Scope root = new Scope();
        paths.forEach((path, net) -> {
            String[] parts = path.split("\\.");
            Scope scope = root;
            for (int i = 0; i + 1 < parts.length; i++) {
                scope = scope.inside.computeIfAbsent(parts[i], _ -> new Scope());
            }
            scope.nets.put(parts[parts.length - 1], net);
        });
        return root;
    }

    private void scope(String name, Scope scope) throws IOException {
        Map<Net, String> known = new HashMap<>();
        scope(name, scope, known);
    }

    private void scope(String name, Scope scope, Map<Net, String> known) throws IOException {
        out.write("$scope module " + name + " $end\n");
        for (Map.Entry<String, Net> entry : scope.nets.entrySet()) {
            Net net = entry.getValue();
            String code = known.computeIfAbsent(net, _ -> {
                nets.add(net);
                codes.add(code(codes.size()));
                return codes.getLast();
            });
            String range = net.width() > 1 ? " [" + (net.width() - 1) + ":0]" : "";
            out.write("$var wire " + net.width() + " " + code + " " + entry.getKey() + range + " $end\n");
        }
        for (Map.Entry<String, Scope> entry : scope.inside.entrySet()) {
            scope(entry.getKey(), entry.getValue(), known);
        }
        out.write("$upscope $end\n");
    }

    /** A short name of printing characters. */
    private static String code(int index) {
        StringBuilder code = new StringBuilder();
        int rest = index;
        do {
            code.append((char) ('!' + rest % 94));
            rest = rest / 94 - 1;
        } while (rest >= 0);
        return code.toString();
    }

    /** Writes what changed since the last time. */
    void dump(long time, long[] v) {
        try {
            out.write("#" + time + "\n");
            for (int i = 0; i < nets.size(); i++) {
                Net net = nets.get(i);
                int slot = slots.of(net);
                int words = Slots.words(net.width());
                boolean changed = first;
                for (int j = 0; j < words; j++) {
                    changed |= v[slot + j] != before[slot + j];
                }
                if (changed) {
                    value(net, v, slot, codes.get(i));
                }
            }
            System.arraycopy(v, 0, before, 0, before.length);
            first = false;
        } catch (IOException e) {
            throw failure(e);
        }
    }

    private void value(Net net, long[] v, int slot, String code) throws IOException {
        if (net.width() > 1) {
            out.write('b');
        }
        for (int bit = net.width() - 1; bit >= 0; bit--) {
            out.write((char) ('0' + (v[slot + bit / 64] >>> bit & 1)));
        }
        out.write(net.width() > 1 ? " " + code + "\n" : code + "\n");
    }

    private UncheckedIOException failure(IOException e) {
        return new UncheckedIOException(file + ": the trace cannot be written; is there space?", e);
    }

    @Override
    public void close() {
        try {
            out.close();
        } catch (IOException e) {
            throw failure(e);
        }
    }
}

package tilewright.edge.matrix;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import tilewright.edge.matrix.nativecode.NativeCodeException;
import tilewright.edge.matrix.nativecode.NativeCompiler;
import tilewright.edge.matrix.nativecode.NativeProcessor;
import tilewright.edge.matrix.nativecode.NativeSource;

/**
 * The native code compiled for aarch64 and run by an emulator, {@code calls.c} doing there what is asked for here.
 *
 * <p>Its kernels and its packer are ordinary ones to their callers; every call copies operands and results.
 */
@SuppressWarnings("restricted")
final class EmulatedArm implements AutoCloseable {
    private static final String COMPILER = "aarch64-linux-gnu-gcc";
    private static final String EMULATOR = "qemu-aarch64";
    /** Where the cross compiler's C library is. */
    private static final String SYSTEM = "/usr/aarch64-linux-gnu";

    private static final int QUANTISE = 0;
    private static final int MULTIPLY = 1;
    private static final int MULTIPLY_NESTED = 2;
    private static final int LOOP = 3;
    private static final int PACK = 4;

    /** A processor to emulate. */
    enum Core {
        /** As in a Jetson Orin: with dot products of bytes. */
        CORTEX_A76("cortex-a76", "Features\t: fp asimd asimdhp asimddp"),
        /** As in older boards: without. */
        CORTEX_A53("cortex-a53", "Features\t: fp asimd");

        private final String emulated;
        private final String features;

        Core(String emulated, String features) {
            this.emulated = emulated;
            this.features = features;
        }
    }

    private record Buffer(int argument, MemorySegment memory, boolean back) {}

    private final Process process;
    private final OutputStream requests;
    private final DataInputStream replies;

    private EmulatedArm(Process process) {
        this.process = process;
        this.requests = new BufferedOutputStream(process.getOutputStream(), 1 << 16);
        this.replies = new DataInputStream(new BufferedInputStream(process.getInputStream(), 1 << 16));
    }

    /** Why nothing can be emulated here, or null when it can. */
    static String problem() {
        return NativeCompiler.find(COMPILER).isPresent()
                        && NativeCompiler.find(EMULATOR).isPresent()
                        && Files.isDirectory(Path.of(SYSTEM))
                ? null
                : COMPILER + " and " + EMULATOR + " are not there; install gcc-aarch64-linux-gnu, libc6-dev-arm64-cross"
                        + " and qemu-user";
    }

    /** What can be emulated here. */
    static List<Core> cores() {
        return problem() == null ? List.of(Core.values()) : List.of();
    }

    /** Compiles all native code as such a processor's own compiler would, and starts an emulator. */
    static EmulatedArm start(Core core, Path folder) throws NativeCodeException, IOException {
        NativeCompiler compiler = NativeCompiler.find(COMPILER).orElseThrow();
        Path program = folder.resolve("calls");
        Path source = folder.resolve("calls.c");
        try (InputStream in = EmulatedArm.class.getResourceAsStream("calls.c")) {
            Files.write(source, in.readAllBytes());
        }
        Process linking = new ProcessBuilder(
                        compiler.command().toString(), "-O1", "-o", program.toString(), source.toString(), "-ldl")
                .inheritIO()
                .start();
        try {
            if (linking.waitFor() != 0) {
                throw new IOException("calls.c does not compile");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
        List<String> line = new ArrayList<>(List.of(EMULATOR, "-L", SYSTEM, "-cpu", core.emulated, program.toString()));
        line.add(library(compiler, core, "kernels", KernelLibrary.FLAGS));
        line.add(library(compiler, core, "loops", NativeLoops.FLAGS));
        line.add(library(compiler, core, "pack", NativePacker.FLAGS));
        return new EmulatedArm(new ProcessBuilder(line)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    private static String library(NativeCompiler compiler, Core core, String name, List<String> flags)
            throws NativeCodeException {
        List<String> all = Stream.concat(flags.stream(), new NativeProcessor("aarch64", core.features).flags().stream())
                .toList();
        String source = NativeSource.read(KernelLibrary.class, name + ".c");
        return compiler.compile(name, source, all, NativeCompiler.defaultCache())
                .toString();
    }

    @Override
    public void close() throws IOException {
        requests.close();
        replies.close();
        process.destroy();
    }

    private synchronized long call(int function, long[] arguments, float[] floats, List<Buffer> buffers) {
        ByteBuffer head = ByteBuffer.allocate(8 + 16 * 8 + 2 * 4 + 16 * buffers.size())
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(function)
                .putInt(buffers.size());
        for (int i = 0; i < 16; i++) {
            head.putLong(i < arguments.length ? arguments[i] : 0);
        }
        for (int i = 0; i < 2; i++) {
            head.putFloat(i < floats.length ? floats[i] : 0);
        }
        for (Buffer buffer : buffers) {
            head.putLong(buffer.memory.byteSize()).putInt(buffer.argument).putInt(buffer.back ? 1 : 0);
        }
        try {
            requests.write(head.array());
            for (Buffer buffer : buffers) {
                byte[] bytes = new byte[Math.toIntExact(buffer.memory.byteSize())];
                MemorySegment.copy(buffer.memory, 0, MemorySegment.ofArray(bytes), 0, bytes.length);
                requests.write(bytes);
            }
            requests.flush();
            long result = Long.reverseBytes(replies.readLong());
            for (Buffer buffer : buffers) {
                if (buffer.back) {
                    byte[] bytes = replies.readNBytes(Math.toIntExact(buffer.memory.byteSize()));
                    MemorySegment.copy(MemorySegment.ofArray(bytes), 0, buffer.memory, 0, bytes.length);
                }
            }
            return result;
        } catch (IOException e) {
            throw new UncheckedIOException("the emulator ended", e);
        }
    }

    private static MemorySegment at(long address, long bytes) {
        return MemorySegment.ofAddress(address).reinterpret(bytes);
    }

    private MethodHandle function(String name, FunctionDescriptor type) {
        try {
            return MethodHandles.lookup().bind(this, name, type.toMethodType());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The functions of {@code kernels.c}. */
    KernelLibrary kernels() {
        return new KernelLibrary(
                function("quantise", KernelLibrary.QUANTISE),
                function("multiply", KernelLibrary.MULTIPLY),
                function("multiplyNested", KernelLibrary.MULTIPLY_NESTED));
    }

    private void quantise(MemorySegment values, long rows, long padded, long to, long stride) {
        call(
                QUANTISE,
                new long[] {0, rows, padded, 0, stride},
                new float[0],
                List.of(
                        new Buffer(0, values, false),
                        new Buffer(3, at(to, (rows - 1) * stride + padded / 8 * 15), true)));
    }

    private void multiply(
            int layout,
            long panels,
            long count,
            long width,
            long x,
            long xStride,
            long padded,
            long rows,
            long out,
            long outStride,
            long scratch) {
        PanelLayout kind = PanelLayout.values()[layout];
        call(
                MULTIPLY,
                new long[] {layout, 0, count, width, 0, xStride, padded, rows, 0, outStride, 0},
                new float[0],
                List.of(
                        new Buffer(1, at(panels, count * kind.panelBytes((int) width)), false),
                        new Buffer(4, at(x, (rows - 1) * xStride + padded / 8 * 15), false),
                        new Buffer(8, at(out, 4 * ((rows - 1) * outStride + 16 * count)), true),
                        new Buffer(10, at(scratch, NativeKernels.SCRATCH_BYTES * padded), false)));
    }

    private void multiplyNested(
            int baseBits,
            int residualBits,
            float unit,
            float middle,
            long base,
            long residual,
            long count,
            long width,
            long x,
            long xStride,
            long padded,
            long rows,
            long out,
            long outStride,
            long scratch) {
        long blocks = Math.ceilDiv(width, 64);
        long panelBytes = Math.ceilDiv(blocks, 2) * 64 + 2 * blocks * baseBits * 64;
        List<Buffer> buffers = new ArrayList<>(List.of(
                new Buffer(4, at(base, count * panelBytes), false),
                new Buffer(8, at(x, (rows - 1) * xStride + padded / 8 * 15), false),
                new Buffer(12, at(out, 4 * ((rows - 1) * outStride + 16 * count)), true),
                new Buffer(14, at(scratch, NativeKernels.SCRATCH_BYTES * padded), false)));
        if (residualBits > 0) {
            buffers.add(new Buffer(5, at(residual, count * 2 * blocks * residualBits * 64), false));
        }
        call(
                MULTIPLY_NESTED,
                new long[] {baseBits, residualBits, 0, 0, 0, 0, count, width, 0, xStride, padded, rows, 0, outStride, 0
                },
                new float[] {unit, middle},
                buffers);
    }

    /** The function of {@code pack.c}. */
    NativePacker packer() {
        return new NativePacker(function("pack", NativePacker.PACK));
    }

    private int pack(int layout, long from, long stride, long rows, long width, long to) {
        long panels = Math.ceilDiv(rows, PanelLayout.PANEL_ROWS);
        long bytes = panels * PanelLayout.values()[layout].panelBytes((int) width);
        return (int) call(
                PACK,
                new long[] {layout, 0, stride, rows, width, 0},
                new float[0],
                List.of(new Buffer(1, at(from, rows * stride), false), new Buffer(5, at(to, bytes), true)));
    }

    /** The function of {@code loops.c}; what it writes goes to the first and the third operand. */
    void loop(int operation, MemorySegment a, MemorySegment b, MemorySegment c, float factor, int... numbers) {
        long[] arguments = new long[4 + numbers.length];
        arguments[0] = operation;
        for (int i = 0; i < numbers.length; i++) {
            arguments[4 + i] = numbers[i];
        }
        call(
                LOOP,
                arguments,
                new float[] {factor},
                List.of(new Buffer(1, a, true), new Buffer(2, b, false), new Buffer(3, c, true)));
    }
}

package tilewright.sim.rtl.verilator;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import tilewright.sim.SimulationException;

/**
 * An instance of a model in this process. Libraries stay loaded until the process ends: those of C++ cannot safely be taken
 * out of one.
 */
final class NativeModel {
    private static final AddressLayout POINTER = ValueLayout.ADDRESS;

    private final MethodHandle evalHandle;
    private final MethodHandle edgeHandle;
    private final MethodHandle runHandle;
    private final MethodHandle messageHandle;
    private final MethodHandle freeHandle;
    private final MethodHandle portHandle;
    private final MethodHandle traceHandle;
    private final MemorySegment model;

    /**
     * Makes an instance.
     *
     * @throws SimulationException when the library cannot be loaded, or the design stops at once
     */
    @SuppressWarnings("restricted")
    NativeModel(Path library) {
        SymbolLookup symbols;
        try {
            symbols = SymbolLookup.libraryLookup(library, Arena.global());
        } catch (IllegalArgumentException e) {
            throw new SimulationException(
                    "%s: the model cannot be loaded (%s); delete its folder so that it is built again"
                            .formatted(library, e.getMessage()),
                    e);
        }
        MethodHandle create = handle(symbols, "tw_new", FunctionDescriptor.of(ValueLayout.JAVA_INT, POINTER));
        evalHandle = handle(symbols, "tw_eval", FunctionDescriptor.of(ValueLayout.JAVA_INT, POINTER));
        edgeHandle = handle(
                symbols,
                "tw_edge",
                FunctionDescriptor.of(ValueLayout.JAVA_INT, POINTER, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
        runHandle = handle(
                symbols,
                "tw_run",
                FunctionDescriptor.of(
                        ValueLayout.JAVA_INT, POINTER, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, POINTER));
        messageHandle = handle(symbols, "tw_message", FunctionDescriptor.of(POINTER));
        freeHandle = handle(symbols, "tw_free", FunctionDescriptor.ofVoid(POINTER));
        portHandle = handle(symbols, "tw_port", FunctionDescriptor.of(POINTER, POINTER, ValueLayout.JAVA_INT));
        traceHandle = handle(symbols, "tw_trace", FunctionDescriptor.ofVoid(POINTER, POINTER));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment result = arena.allocate(POINTER);
            int stopped = (int) create.invokeExact(result);
            model = result.get(POINTER, 0);
            if (stopped != 0) {
                throw new SimulationException(library + ": the model stopped before the first clock: " + message());
            }
        } catch (Throwable e) {
            throw rethrown(e);
        }
    }

    @SuppressWarnings("restricted")
    private static MethodHandle handle(SymbolLookup symbols, String name, FunctionDescriptor type) {
        return Linker.nativeLinker()
                .downcallHandle(
                        symbols.find(name)
                                .orElseThrow(() -> new SimulationException(
                                        "a model without function '" + name + "'; delete the cache of models")),
                        type);
    }

    /** Lets the outputs follow the inputs, clocks being low; says whether the design stopped. */
    boolean eval() {
        try {
            return (int) evalHandle.invokeExact(model) != 0;
        } catch (Throwable e) {
            throw rethrown(e);
        }
    }

    /** A rising edge of the clocks whose bit is set, after {@link #eval} where asked for; says whether the design stopped. */
    boolean edge(int clocks, boolean settle) {
        try {
            return (int) edgeHandle.invokeExact(model, clocks, settle ? 1 : 0) != 0;
        } catch (Throwable e) {
            throw rethrown(e);
        }
    }

    /** So many edges; gives how many were completed, fewer when the design stopped. */
    long run(int clocks, long edges) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment done = arena.allocate(ValueLayout.JAVA_LONG);
            int stopped = (int) runHandle.invokeExact(model, clocks, edges, done);
            return stopped != 0 ? done.get(ValueLayout.JAVA_LONG, 0) : edges;
        } catch (Throwable e) {
            throw rethrown(e);
        }
    }

    /** What the design printed last. */
    @SuppressWarnings("restricted")
    String message() {
        try {
            MemorySegment text = (MemorySegment) messageHandle.invokeExact();
            return text.reinterpret(1 << 16)
                    .getString(0, StandardCharsets.UTF_8)
                    .strip();
        } catch (Throwable e) {
            throw rethrown(e);
        }
    }

    /** Where a port's value lies. */
    long address(int port) {
        try {
            return ((MemorySegment) portHandle.invokeExact(model, port)).address();
        } catch (Throwable e) {
            throw rethrown(e);
        }
    }

    /** Writes all signals to a file from now on; the model must have been built for it. */
    void trace(Path file) {
        try (Arena arena = Arena.ofConfined()) {
            traceHandle.invokeExact(
                    model, arena.allocateFrom(file.toAbsolutePath().toString()));
        } catch (Throwable e) {
            throw rethrown(e);
        }
    }

    /** Frees the instance, which must not be used again. */
    void free() {
        try {
            freeHandle.invokeExact(model);
        } catch (Throwable e) {
            throw rethrown(e);
        }
    }

    private static RuntimeException rethrown(Throwable e) {
        return switch (e) {
            case RuntimeException own -> own;
            case Error error -> throw error;
            default -> new IllegalStateException(e);
        };
    }
}

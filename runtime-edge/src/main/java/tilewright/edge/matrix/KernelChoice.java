package tilewright.edge.matrix;

import java.util.Arrays;
import java.util.Locale;

/** Which kernels compute products with stored weights. */
public enum KernelChoice {
    /** Native ones where they can be compiled, else Java's; the system property {@code tilewright.kernels} may say otherwise. */
    AUTO,
    /** Those written in Java. */
    JAVA,
    /** Those written in C; an error where they cannot be compiled. */
    NATIVE;

    /** The system property with the choice that {@link #AUTO} stands for: auto, java or native. */
    public static final String PROPERTY = "tilewright.kernels";

    private static final System.Logger LOG = System.getLogger("tilewright.kernels");

    /** What the system property says; {@link #AUTO} without it. */
    private static KernelChoice configured() {
        String value = System.getProperty(PROPERTY, "auto");
        return Arrays.stream(values())
                .filter(choice -> choice.name().toLowerCase(Locale.ROOT).equals(value))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "system property " + PROPERTY + " is '" + value + "', expected auto, java or native"));
    }

    /** Whether the system property leaves room for native code. */
    static boolean allowsNative() {
        return configured() != JAVA;
    }

    /** Whether native kernels are what this choice means here for 8-bit activations; compiles them if that was not done yet. */
    public boolean hasNative() {
        return (this == AUTO ? configured() : this) != JAVA && NativeKernels.orNull() != null;
    }

    private static final class Fallback {
        /** Says once that there are no native kernels, and why. */
        static final MatrixKernels KERNELS = announce();

        private static MatrixKernels announce() {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "products with quantised weights run on Java kernels, which are slower: "
                            + NativeKernels.problem());
            return VectorKernels.INSTANCE;
        }
    }

    /** Why there are no native kernels on this machine, or null when there are; compiles them if that was not done yet. */
    public static String nativeProblem() {
        return NativeKernels.orNull() != null ? null : NativeKernels.problem();
    }

    /** The kernels that this choice means here for 8-bit activations; see {@link #kernels(ActivationPrecision)}. */
    public MatrixKernels kernels() {
        return kernels(ActivationPrecision.INT8);
    }

    /**
     * The kernels that this choice means here.
     *
     * <p>The first choice of native kernels on a machine compiles them, which takes some seconds; they are kept for later runs.
     * They are of use for 8-bit activations only, so {@link #AUTO} means Java's for others.
     *
     * @throws IllegalStateException for {@link #NATIVE} where there are none, with the reason
     */
    public MatrixKernels kernels(ActivationPrecision precision) {
        KernelChoice choice = this == AUTO ? configured() : this;
        if (choice == JAVA || choice == AUTO && precision == ActivationPrecision.FLOAT) {
            return VectorKernels.INSTANCE;
        }
        NativeKernels kernels = NativeKernels.orNull();
        if (kernels != null) {
            return kernels;
        }
        if (choice == NATIVE) {
            throw new IllegalStateException("native kernels were asked for, but " + NativeKernels.problem()
                    + "; choose kernels 'auto' or 'java'");
        }
        return Fallback.KERNELS;
    }
}

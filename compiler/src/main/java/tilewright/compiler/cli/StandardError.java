package tilewright.compiler.cli;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Gives standard error back after the JVM has started.
 *
 * <p>The JVM prints a warning about the incubating vector module that no option turns off. The launcher therefore starts it
 * with a filter as standard error, passes the true one under another number, and names it in {@code tilewright.stderr}.
 */
final class StandardError {
    private static final int STANDARD_ERROR = 2;

    private StandardError() {}

    /** Puts the true standard error in place; without the property, or where it cannot be done, nothing changes. */
    @SuppressWarnings("restricted") // native access is enabled by the launcher
    static void restore() {
        Integer original = Integer.getInteger("tilewright.stderr");
        if (original == null) {
            return;
        }
        try {
            Linker linker = Linker.nativeLinker();
            MethodHandle dup2 = linker.downcallHandle(
                    linker.defaultLookup().findOrThrow("dup2"),
                    FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
            int result = (int) dup2.invokeExact(original.intValue(), STANDARD_ERROR);
            if (result < 0) {
                System.err.println(
                        "tilewright: standard error " + original + " is closed; messages go through a filter");
            }
        } catch (Throwable e) {
            // The filter passes everything on: messages arrive all the same, only bars are drawn late.
            System.err.println("tilewright: standard error stays a filter (" + e + ")");
        }
    }
}

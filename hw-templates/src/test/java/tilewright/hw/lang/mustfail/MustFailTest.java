package tilewright.hw.lang.mustfail;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.Elaboration;
import tilewright.hw.lang.InvalidDesignException;

/** Every design of this folder fails, with its exact message. */
class MustFailTest {
    private static final List<Class<?>> GROUPS = List.of(
            Widths.class,
            Latches.class,
            Loops.class,
            Drivers.class,
            Clocks.class,
            Handshakes.class,
            Memories.class,
            Names.class,
            Structure.class);
    private static final Path SOURCES = Path.of("src/test/java/tilewright/hw/lang/mustfail");

    static Stream<Class<?>> designs() {
        return GROUPS.stream()
                .flatMap(group -> Arrays.stream(group.getDeclaredClasses()))
                .filter(type -> type.isAnnotationPresent(Fails.class));
    }

    @ParameterizedTest
    @MethodSource("designs")
    void failsWithItsMessage(Class<?> design) {
        String message = assertThrows(InvalidDesignException.class, () -> Elaboration.of(() -> make(design)))
                .getMessage();
        String file = design.getDeclaringClass().getSimpleName() + ".java";
        String expected = design.getAnnotation(Fails.class)
                .value()
                .replace("HERE", file + ":" + line(file, design, "here"))
                .replace("BEFORE", file + ":" + line(file, design, "before"));
        assertEquals(expected, message);
    }

    @Test
    void thereAreEnoughOfThem() {
        assertTrue(designs().count() >= 30);
    }

    private static Component make(Class<?> design) {
        try {
            Constructor<?> constructor = design.getDeclaredConstructor();
            constructor.setAccessible(true);
            return (Component) constructor.newInstance();
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof InvalidDesignException refused) {
                throw refused;
            }
            throw new IllegalStateException(e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The line marked for the class: {@code // here: Name} anywhere, or the first {@code // here} after its beginning. */
    private static int line(String file, Class<?> design, String mark) {
        try {
            List<String> lines = Files.readAllLines(SOURCES.resolve(file));
            boolean isInside = false;
            for (int i = 0; i < lines.size(); i++) {
                String line = lines.get(i);
                isInside |= line.contains("class " + design.getSimpleName() + " ");
                boolean isNamed = line.endsWith("// " + mark + ": " + design.getSimpleName());
                if (isNamed || isInside && line.endsWith("// " + mark)) {
                    return i + 1;
                }
            }
            return 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

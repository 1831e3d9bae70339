package tilewright.edge.matrix.nativecode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

/** Included files in their places. */
class NativeSourceTest {
    @Test
    void includedFilesAreInTheirPlacesAndLinesAreNamed() {
        assertEquals("""
                #line 1 "outer.c"
                #include <stdint.h>
                #line 1 "inner.h"
                #define TWO 2
                #line 3 "outer.c"
                int two(void) { return TWO; }
                """, NativeSource.read(NativeSourceTest.class, "outer.c"));
    }

    @Test
    void aFileThatIsNotThereIsNamed() {
        IllegalStateException e =
                assertThrows(IllegalStateException.class, () -> NativeSource.read(NativeSourceTest.class, "missing.c"));
        assertEquals("missing.c is not part of the program", e.getMessage());
    }
}

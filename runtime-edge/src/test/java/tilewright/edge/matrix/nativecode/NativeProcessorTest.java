package tilewright.edge.matrix.nativecode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Flags for compilers, by what Linux says of processors. */
class NativeProcessorTest {
    private static List<String> arm(String features) {
        return new NativeProcessor("aarch64", features).flags();
    }

    @Test
    void dotProductsOfArmAreNamedWhereTheProcessorHasThem() {
        String orin =
                "Features\t: fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm lrcpc dcpop"
                        + " asimddp uscat ilrcpc flagm paca pacg";
        String xavier =
                "Features\t: fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm dcpop";
        assertEquals(List.of("-march=armv8.2-a+dotprod"), arm(orin));
        assertEquals(List.of("-march=armv8-a"), arm(xavier));
        assertEquals(List.of("-mcpu=native"), arm(""), "a system that does not tell");
    }

    @Test
    void otherProcessorsAreLeftToTheCompiler() {
        assertEquals(List.of("-march=native"), new NativeProcessor("amd64", "flags\t\t: avx2 avx512_vnni").flags());
        assertTrue(new NativeProcessor("x86_64", "").isX86());
        assertTrue(new NativeProcessor("aarch64", "").isArm());
        assertFalse(new NativeProcessor("riscv64", "").isX86());
    }
}

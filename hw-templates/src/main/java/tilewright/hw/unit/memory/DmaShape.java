package tilewright.hw.unit.memory;

import tilewright.hw.lang.Type;
import tilewright.hw.lang.axi.Axi4;

/**
 * What a DMA engine's port is like, and how much it asks for at a time.
 *
 * @param addressBits 13 to 64
 * @param dataBits 8, 16, 32, ... 1024
 * @param burstWords words of the longest burst: a power of two, 1 to 256, of at most 4 096 bytes
 * @param outstanding bursts that may be under way, 1 to 64
 */
public record DmaShape(int addressBits, int dataBits, int burstWords, int outstanding) {
    private static final int BOUNDARY_BYTES = 4096;

    /** Checks the sizes. */
    public DmaShape {
        boolean burst = burstWords >= 1 && burstWords <= 256 && Integer.bitCount(burstWords) == 1;
        if (!burst || burstWords * (dataBits / 8) > BOUNDARY_BYTES) {
            throw new IllegalArgumentException("bursts of " + burstWords + " words of " + dataBits
                    + " bits; a burst is a power of two of words, at most 256 and at most " + BOUNDARY_BYTES
                    + " bytes");
        }
        if (addressBits < 13 || addressBits > 64 || outstanding < 1 || outstanding > 64) {
            throw new IllegalArgumentException("addresses of " + addressBits + " bits and " + outstanding
                    + " bursts under way; 13 to 64 bits and 1 to 64 bursts can be built");
        }
    }

    /** Bytes of a word. */
    public int bytes() {
        return dataBits / 8;
    }

    /** The port: one identifier for all, so that answers come in order. */
    Type<Axi4> port() {
        return Axi4.of(addressBits, dataBits, 0);
    }
}

package tilewright.hw.unit.memory;

import tilewright.hw.lang.Bundle;
import tilewright.hw.lang.Type;
import tilewright.hw.lang.UInt;

/** Words of memory that follow each other. */
public final class Transfer extends Bundle {
    /** Bits of the count. */
    public static final int COUNT_BITS = 24;

    /** The first byte's address, a multiple of a word's bytes. */
    public final UInt address;
    /** How many words, at least 1. */
    public final UInt words;

    private Transfer(int addressBits) {
        address = field(uint(addressBits));
        words = field(uint(COUNT_BITS));
    }

    /** The type of transfers with addresses of so many bits. */
    public static Type<Transfer> of(int addressBits) {
        return () -> new Transfer(addressBits);
    }
}

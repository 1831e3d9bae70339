package tilewright.sim.rtl.bench;

import java.util.HashMap;
import java.util.Map;

/** The bytes of a memory, by address; those that were never written are zero and take no space. */
public final class MemoryBytes {
    private static final int PAGE = 1 << 16;

    private final Map<Long, byte[]> pages = new HashMap<>();

    /** An empty memory. */
    public MemoryBytes() {}

    /** The byte at an address. */
    public byte get(long address) {
        byte[] page = pages.get(Math.floorDiv(address, PAGE));
        return page == null ? 0 : page[(int) Math.floorMod(address, (long) PAGE)];
    }

    /** Changes the byte at an address. */
    public void set(long address, byte value) {
        pages.computeIfAbsent(Math.floorDiv(address, PAGE), _ -> new byte[PAGE])[
                (int) Math.floorMod(address, (long) PAGE)] = value;
    }

    /** Changes the bytes from an address on. */
    public void write(long address, byte[] bytes) {
        for (int i = 0; i < bytes.length; i++) {
            set(address + i, bytes[i]);
        }
    }

    /** So many bytes from an address on. */
    public byte[] read(long address, int count) {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) {
            bytes[i] = get(address + i);
        }
        return bytes;
    }
}

package tilewright.sim.rtl.bench;

import tilewright.hw.lang.design.Handshake;

/**
 * The channels of an AXI4 or AXI4-Lite port of a design, and where the fields of their words are.
 *
 * <p>Words of data take one or more values of 64 bits in a word's array; the byte of lane {@code i} is byte {@code i % 8} of
 * value {@code i / 8}.
 */
final class AxiPort {
    /** The longest burst of AXI4 may not cross a multiple of this. */
    static final int BOUNDARY = 4096;

    final String name;
    final Channel aw;
    final Channel w;
    final Channel b;
    final Channel ar;
    final Channel r;
    /** The bytes of a word. */
    final int bytes;
    /** Whether there are bursts: AXI4, not AXI4-Lite. */
    final boolean full;
    /** Whether the design is the manager. */
    final boolean isManager;

    AxiPort(Bench bench, String name) {
        this.name = name;
        aw = bench.channel(name + "_aw");
        w = bench.channel(name + "_w");
        b = bench.channel(name + "_b");
        ar = bench.channel(name + "_ar");
        r = bench.channel(name + "_r");
        full = aw.offset("awlen") >= 0;
        isManager = aw.role() == Handshake.Role.MASTER;
        bytes = r.fields().stream()
                        .filter(field -> field.name().endsWith("rdata"))
                        .findFirst()
                        .orElseThrow()
                        .width()
                / 8;
    }

    /** What an address channel asked for. */
    record Burst(long id, long address, int beats, int size, int kind) {
        /** The first byte of a word of the burst; the first word of an unaligned burst begins inside its word. */
        long beatAddress(int beat) {
            if (kind == 0 || beat == 0) {
                return address;
            }
            long step = 1L << size;
            long aligned = address & -step;
            if (kind == 2) {
                long span = step * beats;
                long base = address & -span;
                return base + (address - base + beat * step) % span;
            }
            return aligned + beat * step;
        }
    }

    /** The burst that a word of {@code aw} or {@code ar} asks for. */
    Burst burst(Channel channel, long[] word) {
        int fullSize = Integer.numberOfTrailingZeros(bytes);
        return new Burst(
                field(channel, word, "id", 0),
                field(channel, word, "addr", 0),
                (int) field(channel, word, "len", 0) + 1,
                (int) field(channel, word, "size", fullSize),
                (int) field(channel, word, "burst", 1));
    }

    /** A field of a word, or what stands for one that the port does not have. */
    static long field(Channel channel, long[] word, String name, long otherwise) {
        int offset = channel.offset(name);
        return offset < 0 ? otherwise : word[offset];
    }

    static void put(Channel channel, long[] word, String name, long value) {
        int offset = channel.offset(name);
        if (offset >= 0) {
            word[offset] = value;
        }
    }

    /** The byte of a lane of a field of a word. */
    static byte lane(long[] word, int offset, int lane) {
        return (byte) (word[offset + lane / 8] >>> 8 * (lane % 8));
    }

    static void setLane(long[] word, int offset, int lane, byte value) {
        int shift = 8 * (lane % 8);
        word[offset + lane / 8] = word[offset + lane / 8] & ~(0xffL << shift) | (value & 0xffL) << shift;
    }

    /** Whether a lane's byte is to be written. */
    static boolean strobe(long[] word, int offset, int lane) {
        return (word[offset + lane / 64] >>> lane & 1) != 0;
    }
}

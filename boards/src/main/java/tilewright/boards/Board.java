package tilewright.boards;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One target: an FPGA board, a GPU or a processor, as its board file states it.
 *
 * @param name the name it is asked for by
 * @param description one line for people
 * @param kind what it computes with
 * @param part the vendor's part, as the vendor's tools spell it
 * @param family the device family
 * @param toolchain what builds for it
 * @param clockMhz the clock a design is planned for (FPGA), or the clock its peak rates hold at
 * @param resources the fabric; {@link Resources#NONE} unless an FPGA
 * @param compute the processor; {@link Compute#NONE} for an FPGA
 * @param memories memories outside the fabric, the main one first; may be empty for an FPGA
 * @param axi hard AXI ports; empty if the fabric drives its memory's pins itself
 * @param sources where each group of figures comes from, by key of the board file
 */
public record Board(
        String name,
        String description,
        BoardKind kind,
        String part,
        Family family,
        Toolchain toolchain,
        double clockMhz,
        Resources resources,
        Compute compute,
        List<MemoryChannel> memories,
        List<AxiPorts> axi,
        Map<String, String> sources) {

    /** Copies the lists and the map. */
    public Board {
        memories = List.copyOf(memories);
        axi = List.copyOf(axi);
        sources = Collections.unmodifiableMap(new LinkedHashMap<>(sources));
    }

    /** The clock in cycles per second. */
    public double clockHz() {
        return clockMhz * 1e6;
    }

    /**
     * Peak multiply-accumulates of {@code bits}-wide integers per cycle: for an FPGA all DSP blocks at their
     * {@linkplain DspKind#macsPerCycle rate} (multipliers made of look-up tables are not counted), for a processor its
     * published rate over its clock, rounded down. 0: the board has no unit for it.
     *
     * @throws IllegalArgumentException if {@code bits} is outside 2 to 16
     */
    public long macsPerCycle(int bits) {
        DspKind.checkBits(bits);
        return kind == BoardKind.FPGA
                ? (long) resources.dsp() * resources.dspKind().macsPerCycle(bits)
                : (long) (macsPerSecond(bits) / clockHz());
    }

    /**
     * Peak multiply-accumulates of {@code bits}-wide integers per second; a processor's published int8 rate up to 8 bits,
     * its int16 rate above, 0 if none is stated.
     *
     * @throws IllegalArgumentException if {@code bits} is outside 2 to 16
     */
    public double macsPerSecond(int bits) {
        DspKind.checkBits(bits);
        return kind == BoardKind.FPGA
                ? macsPerCycle(bits) * clockHz()
                : compute.macsPerSecond(bits <= 8 ? NumberKind.INT8 : NumberKind.INT16);
    }

    /** Bytes of all memories together. */
    public long memoryBytes() {
        return memories.stream().mapToLong(MemoryChannel::bytes).sum();
    }

    /** Peak bytes per second of all memories together; 0 if there are none. */
    public double memoryBytesPerSecond() {
        return memories.stream().mapToDouble(MemoryChannel::bytesPerSecond).sum();
    }

    /** Peak bytes per cycle of the design clock that all memories together deliver. */
    public double memoryBytesPerCycle() {
        return memoryBytesPerSecond() / clockHz();
    }

    /** Bytes per cycle that all hard AXI ports carry in one direction; 0 if there are none. */
    public long axiBytesPerCycle() {
        return axi.stream().mapToLong(AxiPorts::bytesPerCycle).sum();
    }

    /**
     * Peak bytes per cycle that a design can read: the memories' rate, or the ports' where they are narrower. Without
     * ports it is the memories' rate.
     */
    public double readBytesPerCycle() {
        return axi.isEmpty() ? memoryBytesPerCycle() : Math.min(axiBytesPerCycle(), memoryBytesPerCycle());
    }

    /** Bits of on-chip memory blocks; see {@link Resources#onChipBits}. */
    public long onChipBits() {
        return resources.onChipBits();
    }
}

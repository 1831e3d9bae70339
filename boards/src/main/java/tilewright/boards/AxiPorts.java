package tilewright.boards;

/**
 * Hard AXI ports of one kind, through which a design reaches memory.
 *
 * @param name the vendor's name of the ports
 * @param count how many there are
 * @param bits width of the data bus of each; one such word per cycle and direction
 */
public record AxiPorts(String name, int count, int bits) {
    /** Bytes that all these ports move each cycle in one direction. */
    public long bytesPerCycle() {
        return (long) count * bits / 8;
    }
}

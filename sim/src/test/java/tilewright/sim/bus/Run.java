package tilewright.sim.bus;

import tilewright.hw.lang.Bundle;
import tilewright.hw.lang.UInt;

/** Words of 8 bytes, one after the other in memory. */
final class Run extends Bundle {
    /** The first one's address, a multiple of 8. */
    final UInt address = field(uint(32));
    /** How many, at least 1. */
    final UInt words = field(uint(16));
}

package tilewright.hw.unit.memory;

import static tilewright.hw.lang.Hdl.clear;

import tilewright.hw.lang.axi.Axi4;

/** Channels of a port that an engine does not use. */
final class Idle {
    private Idle() {}

    /** Offers no writes, and takes what answers there are. */
    static void writes(Axi4 port) {
        clear(port.awaddr);
        clear(port.awlen);
        clear(port.awsize);
        clear(port.awburst);
        clear(port.awvalid);
        clear(port.wdata);
        clear(port.wstrb);
        clear(port.wlast);
        clear(port.wvalid);
        port.bready.assign(true);
    }

    /** Offers no reads, and takes what answers there are. */
    static void reads(Axi4 port) {
        clear(port.araddr);
        clear(port.arlen);
        clear(port.arsize);
        clear(port.arburst);
        clear(port.arvalid);
        port.rready.assign(true);
    }
}

package tilewright.sim.rtl.bench;

import tilewright.hw.lang.Bits;
import tilewright.hw.lang.Bool;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.Mem;
import tilewright.hw.lang.UInt;
import tilewright.hw.lang.axi.Axi4Lite;

/** Sixteen registers of 32 bits at an AXI4-Lite port. */
final class Registers extends Component {
    final Axi4Lite control = in(Axi4Lite.of(12, 32));
    private final Mem<Bits> words = mem(16, bits(32));
    private final Bool answers = reg(bool(), 0);
    private final Bool reads = reg(bool(), 0);
    private final UInt address = reg(uint(4), 0);

    Registers() {
        Bool takes = control.awvalid.and(control.wvalid).and(answers.not());
        control.awready.assign(takes);
        control.wready.assign(takes);
        words.writeMasked(control.awaddr.slice(5, 2).asUInt(), control.wdata, takes, control.wstrb);
        when(takes, () -> answers.assign(true)).elseWhen(control.bready, () -> answers.assign(false));
        control.bvalid.assign(answers);
        control.bresp.assign(0);
        control.arready.assign(reads.not());
        when(control.ar().fires(), () -> {
                    reads.assign(true);
                    address.assign(control.araddr.slice(5, 2).asUInt());
                })
                .elseWhen(control.rready, () -> reads.assign(false));
        control.rvalid.assign(reads);
        control.rdata.assign(words.readAsync(address));
        control.rresp.assign(0);
    }
}

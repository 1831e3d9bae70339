package tilewright.sim.bus;

import tilewright.hw.lang.Bits;
import tilewright.hw.lang.Bool;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.Mem;
import tilewright.hw.lang.UInt;
import tilewright.hw.lang.axi.Axi4Lite;
import tilewright.hw.lang.stream.Pair;

/**
 * Sixteen registers of 32 bits, written by bytes; past them writes do nothing, reads give zero, and both are answered with
 * an error. Latency 1, a write and a read at every clock.
 */
final class RegisterFile extends Component {
    static final int REGISTERS = 16;
    /** A subordinate that exists says that it cannot do what was asked. */
    static final int RESPONSE_ERROR = 2;

    final Axi4Lite control = in(Axi4Lite.of(8, 32));
    private final Mem<Bits> words = mem(REGISTERS, bits(32));

    RegisterFile() {
        control.b()
                .assign(control.aw()
                        .join(control.w())
                        .map(write -> {
                            UInt address = write.first;
                            Bool taken = control.awvalid.and(control.awready);
                            words.writeMasked(
                                    index(address),
                                    write.second.first,
                                    taken.and(isInside(address)),
                                    write.second.second);
                            return response(address);
                        })
                        .stage());
        control.r()
                .assign(control.ar()
                        .map(address -> {
                            Pair<Bits, UInt> read = wire(Pair.of(bits(32), uint(2)));
                            read.first.assign(mux(isInside(address), words.readAsync(index(address)), b(0, 32)));
                            read.second.assign(response(address));
                            return read;
                        })
                        .stage());
    }

    private static UInt index(UInt address) {
        return address.slice(5, 2).asUInt();
    }

    private static Bool isInside(UInt address) {
        return address.lt(REGISTERS * 4);
    }

    private static UInt response(UInt address) {
        return mux(isInside(address), u(0, 2), u(RESPONSE_ERROR, 2));
    }
}

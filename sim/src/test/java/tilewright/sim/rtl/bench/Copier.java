package tilewright.sim.rtl.bench;

import tilewright.hw.lang.Bits;
import tilewright.hw.lang.Bool;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.Mem;
import tilewright.hw.lang.UInt;
import tilewright.hw.lang.axi.Axi4;

/** Copies one burst from one address to another, correctly or with a fault. */
final class Copier extends Component {
    /** What may be wrong with it. */
    enum Fault {
        NONE,
        LAST_TOO_EARLY,
        ADDRESS_CHANGES,
        DATA_WITHDRAWN,
        STROBES_BESIDE,
        NEVER_LAST
    }

    private static final int IDLE = 0;
    private static final int ASK = 1;
    private static final int READ = 2;
    private static final int TELL = 3;
    private static final int WRITE = 4;
    private static final int WAIT = 5;

    final Bool start = in(bool());
    final UInt from = in(uint(32));
    final UInt to = in(uint(32));
    final UInt length = in(uint(8));
    final Bool busy = out(bool());
    final Axi4 memory = out(Axi4.of(32, 64, 2));
    private final UInt state = reg(uint(3), IDLE);
    private final UInt index = reg(uint(8), 0);
    private final UInt clock8 = reg(uint(3), 0);
    private final Mem<Bits> buffer = mem(256, bits(64));

    Copier(Fault fault) {
        clock8.assign(clock8.plusMod(1));
        busy.assign(state.ne(IDLE));
        boolean narrow = fault == Fault.STROBES_BESIDE;
        memory.arid.assign(2);
        memory.araddr.assign(from);
        memory.arlen.assign(length);
        memory.arsize.assign(3);
        memory.arburst.assign(Axi4.BURST_INCREASING);
        memory.arvalid.assign(state.eq(ASK));
        memory.rready.assign(state.eq(READ));
        memory.awid.assign(1);
        memory.awaddr.assign(fault == Fault.ADDRESS_CHANGES ? to.plusMod(clock8.resize(32)) : to);
        memory.awlen.assign(length);
        memory.awsize.assign(narrow ? 2 : 3);
        memory.awburst.assign(Axi4.BURST_INCREASING);
        memory.awvalid.assign(state.eq(TELL));
        memory.wdata.assign(buffer.readAsync(index));
        memory.wstrb.assign(0xff);
        Bool last = index.eq(fault == Fault.LAST_TOO_EARLY ? length.minusMod(1) : length);
        memory.wlast.assign(fault == Fault.NEVER_LAST ? bool(false) : last);
        Bool offers = state.eq(WRITE);
        memory.wvalid.assign(fault == Fault.DATA_WITHDRAWN ? offers.and(clock8.bit(1)) : offers);
        memory.bready.assign(state.eq(WAIT));
        buffer.write(index, memory.rdata, memory.r().fires());

        switchOn(state)
                .is((long) IDLE, () -> when(start, () -> state.assign(ASK)))
                .is(
                        (long) ASK,
                        () -> when(memory.arready, () -> {
                            state.assign(READ);
                            index.assign(0);
                        }))
                .is(
                        (long) READ,
                        () -> when(memory.rvalid, () -> {
                            index.assign(index.plusMod(1));
                            when(memory.rlast, () -> state.assign(TELL));
                        }))
                .is(
                        (long) TELL,
                        () -> when(memory.awready, () -> {
                            state.assign(WRITE);
                            index.assign(0);
                        }))
                .is(
                        (long) WRITE,
                        () -> when(memory.w().fires(), () -> {
                            index.assign(index.plusMod(1));
                            when(index.eq(length), () -> state.assign(WAIT));
                        }))
                .otherwise(() -> when(memory.bvalid, () -> state.assign(IDLE)));
    }
}

package tilewright.hw.lang.mustfail;

import tilewright.hw.lang.Bool;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.Mem;
import tilewright.hw.lang.UInt;

/** Memories with more ports than there are, or with ports that collide. */
final class Memories {
    private Memories() {}

    /** What all of them have. */
    abstract static class Base extends Component {
        final UInt address = in(uint(4));
        final Bool write = in(bool());
        final UInt word = in(uint(8));
        final UInt result = out(uint(8));
    }

    @Fails("HERE: ReadOnlyMemoryWritten.words: memory port conflict: a read-only memory is written; "
            + "declare it with mem(...)")
    static final class ReadOnlyMemoryWritten extends Base {
        private final Mem<UInt> words = rom(uint(8), new long[16]);

        ReadOnlyMemoryWritten() {
            words.write(address, word, write); // here
            result.assign(words.read(address));
        }
    }

    @Fails("HERE: TwoWritePorts.words: memory port conflict: 2 write ports where there is one; choose "
            + "address and data with mux(...) before one write, or ask for .dualPort()")
    static final class TwoWritePorts extends Base {
        private final Mem<UInt> words = mem(16, uint(8));

        TwoWritePorts() {
            words.write(address, word, write);
            words.write(address.plusMod(1), word, write); // here
            result.assign(words.read(address));
        }
    }

    @Fails("HERE: ThreeWritePorts.words: memory port conflict: 3 write ports where a dual-port memory has "
            + "two; choose address and data with mux(...) before one write")
    static final class ThreeWritePorts extends Base {
        private final Mem<UInt> words = mem(16, uint(8)).dualPort();

        ThreeWritePorts() {
            words.write(address, word, write);
            words.write(address.plusMod(1), word, write);
            words.write(address.plusMod(2), word, write); // here
            result.assign(words.read(address));
        }
    }

    @Fails("HERE: ThreeReadPortsOfTwo.words: memory port conflict: 3 synchronous read ports where a "
            + "dual-port memory has two; copy the memory, or read in turns")
    static final class ThreeReadPortsOfTwo extends Base {
        private final Mem<UInt> words = mem(16, uint(8)).dualPort();

        ThreeReadPortsOfTwo() {
            words.write(address, word, write);
            UInt a = words.read(address);
            UInt b = words.read(address.plusMod(1));
            UInt c = words.read(address.plusMod(2)); // here
            result.assign(a.xor(b).xor(c));
        }
    }

    @Fails("HERE: PortsThatCollide.words: memory port conflict: both ports write 'address' at the same "
            + "time; give them different addresses or conditions")
    static final class PortsThatCollide extends Base {
        private final Mem<UInt> words = mem(16, uint(8)).dualPort();

        PortsThatCollide() {
            words.write(address, word);
            words.write(address, word.plusMod(1)); // here
            result.assign(words.read(address));
        }
    }

    static final class Owner extends Component {
        final UInt result = out(uint(8));
        final Mem<UInt> words = rom(uint(8), 1, 2);

        Owner() {
            result.assign(words.read(u(0, 1)));
        }
    }

    @Fails("HERE: MemoryOfAnother: malformed: a memory of another component is used; hand its words over " + "by ports")
    static final class MemoryOfAnother extends Component {
        final UInt result = out(uint(8));
        private final Owner owner = child(Owner::new);

        MemoryOfAnother() {
            result.assign(owner.words.read(u(0, 1))); // here
        }
    }
}

package tilewright.sim.rtl.compiled;

import java.util.ArrayList;
import java.util.List;
import tilewright.hw.lang.design.Expression;
import tilewright.hw.lang.design.Module;
import tilewright.hw.lang.design.Net;

/**
 * Where the value of each net lies: 64-bit words, the least significant first. The last word is extended with the sign, or,
 * where unsigned, with zeros, so that equal values are equal words.
 */
final class Slots {
    private final List<Integer> first = new ArrayList<>();
    private int size;

    Slots(Module module) {
        module.nets().forEach(this::add);
    }

    private void add(Net net) {
        first.add(size);
        size += words(net.width());
    }

    /** The words of a value. */
    static int words(int width) {
        return (width + 63) / 64;
    }

    /** Whether a value takes more than one word. */
    static boolean isWide(Expression e) {
        return e.width() > 64;
    }

    /** The index of a net's first word. */
    int of(Net net) {
        return first.get(net.id());
    }

    /** A net for a value in passing. */
    Net scratch(int width, boolean signed) {
        Net net = new Net(first.size(), "scratch", width, signed, Net.Kind.WIRE, null);
        add(net);
        return net;
    }

    /** The words of all nets. */
    int size() {
        return size;
    }
}

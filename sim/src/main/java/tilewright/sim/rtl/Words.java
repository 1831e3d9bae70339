package tilewright.sim.rtl;

import java.math.BigInteger;
import java.util.List;
import java.util.stream.IntStream;
import tilewright.hw.lang.design.Module;
import tilewright.hw.lang.design.Net;

/** Values of ports as 64-bit words, the least significant first. */
public final class Words {
    private static final BigInteger LOW = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);

    private Words() {}

    /** The number that words hold. */
    public static BigInteger number(long[] words, boolean signed) {
        BigInteger result = BigInteger.ZERO;
        for (int i = words.length - 1; i >= 0; i--) {
            BigInteger word = BigInteger.valueOf(words[i]);
            boolean asIs = signed && i == words.length - 1;
            result = result.shiftLeft(64).or(asIs ? word : word.and(LOW));
        }
        return result;
    }

    /** The words of a number, as many as asked for. */
    public static long[] of(BigInteger value, int count) {
        long[] words = new long[count];
        for (int i = 0; i < count; i++) {
            words[i] = value.shiftRight(64 * i).longValue();
        }
        return words;
    }

    /** Whether a value of 64 bits is one that {@code width} bits, at most 64, hold. */
    public static boolean fits(long value, int width, boolean signed) {
        int spare = 64 - width;
        return signed ? value << spare >> spare == value : value << spare >>> spare == value;
    }

    /** What a value that a port cannot hold is refused with. */
    public static IllegalArgumentException misfit(Port port, Object value) {
        return new IllegalArgumentException("port '" + port.name() + "' has " + port.width()
                + (port.width() == 1 ? " bit" : " bits") + (port.signed() ? " with sign" : "") + "; " + value
                + " does not fit");
    }

    /** What words that a port cannot hold are refused with. */
    public static IllegalArgumentException misfit(Port port, long[] words) {
        return misfit(port, port.words() == 1 ? (Object) words[0] : number(words, port.signed()));
    }

    /** What setting a port that is no input is refused with. */
    public static IllegalArgumentException notAnInput(Port port) {
        String way = port.direction() == Port.Direction.CLOCK ? "; use tick" : "; the design drives it";
        return new IllegalArgumentException("port '" + port.name() + "' cannot be set" + way);
    }

    /** What reading or setting a wide port as one word is refused with. */
    public static IllegalArgumentException tooWide(Port port) {
        return new IllegalArgumentException("port '" + port.name() + "' has " + port.width()
                + " bits, which do not fit in 64; use getBig, a BigInteger or words");
    }

    /** The ports of a module, with their handles. */
    public static List<Port> ports(Module module) {
        List<Net> nets = module.ports();
        return IntStream.range(0, nets.size())
                .mapToObj(i -> new Port(
                        i,
                        nets.get(i).name(),
                        nets.get(i).width(),
                        nets.get(i).signed(),
                        Port.Direction.valueOf(nets.get(i).kind().name())))
                .toList();
    }
}

package tilewright.hw.unit.routing;

import tilewright.hw.lang.Bundle;
import tilewright.hw.lang.Type;
import tilewright.hw.lang.UInt;

/** An expert that a token goes to, and the weight of what it makes of it. */
public final class Route extends Bundle {
    /** The expert's number. */
    public final UInt expert;
    /** Its probability. */
    public final UInt probability;

    private Route(int expertBits, int probabilityBits) {
        expert = field(uint(expertBits));
        probability = field(uint(probabilityBits));
    }

    /** The type of routes whose parts have so many bits. */
    public static Type<Route> of(int expertBits, int probabilityBits) {
        return () -> new Route(expertBits, probabilityBits);
    }
}

package tilewright.hw.unit.routing;

import tilewright.hw.arith.SoftmaxFormat;
import tilewright.hw.lang.Bundle;
import tilewright.hw.lang.SInt;
import tilewright.hw.lang.Type;
import tilewright.hw.lang.UInt;

/** An expert and its score. */
public final class Candidate extends Bundle {
    /** The expert's number. */
    public final UInt expert;
    /** Its score for the token. */
    public final SInt score;

    private Candidate(int expertBits) {
        expert = field(uint(expertBits));
        score = field(sint(SoftmaxFormat.SCORE_BITS));
    }

    /** The type of candidates with numbers of so many bits. */
    public static Type<Candidate> of(int expertBits) {
        return () -> new Candidate(expertBits);
    }
}

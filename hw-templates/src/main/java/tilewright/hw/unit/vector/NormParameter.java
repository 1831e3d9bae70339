package tilewright.hw.unit.vector;

import tilewright.hw.arith.LayerNormUnit;
import tilewright.hw.lang.Bundle;
import tilewright.hw.lang.SInt;
import tilewright.hw.lang.Type;

/** Gamma and beta of a feature. */
public final class NormParameter extends Bundle {
    /** The type. */
    public static final Type<NormParameter> TYPE = NormParameter::new;

    /** The factor. */
    public final SInt gamma = field(sint(LayerNormUnit.GAMMA_BITS));
    /** What is added. */
    public final SInt beta = field(sint(LayerNormUnit.BETA_BITS));

    private NormParameter() {}
}

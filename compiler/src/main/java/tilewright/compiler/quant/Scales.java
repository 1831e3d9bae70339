package tilewright.compiler.quant;

import java.util.LinkedHashMap;
import java.util.Map;
import tilewright.compiler.CompileException;
import tilewright.hw.arith.FixedPoint;
import tilewright.hw.program.IntegerFormat;

/** The value of one integer unit for every quantised value, from calibration statistics under a policy. */
public final class Scales {
    /** Room above the calibrated range that the residual stream and the outputs keep: saturation there is costly. */
    private static final double WIDE_HEADROOM = 2;

    /** Room that 16-bit activations keep: half a bit, so that images beyond the calibrated range do not saturate. */
    private static final double ACTIVATION_HEADROOM_16 = 1.5;

    private final Map<String, ValueStatistics> statistics;
    private final ScalePolicy policy;
    private final IntegerFormat format;
    private final Map<String, Double> cache = new LinkedHashMap<>();

    /** Scales for a format. */
    public Scales(Map<String, ValueStatistics> statistics, ScalePolicy policy, IntegerFormat format) {
        this.statistics = statistics;
        this.policy = policy;
        this.format = format;
    }

    /** The policy. */
    public ScalePolicy policy() {
        return policy;
    }

    /** The scale of an activation, at the format's activation width. */
    public double activation(String value) {
        return cache.computeIfAbsent(value, name -> clip(name) / FixedPoint.highest(format.activationBits()));
    }

    /** Whether a design uses the activation scale of a value. */
    boolean uses(String value) {
        return cache.containsKey(value);
    }

    private double clip(String value) {
        int bits = format.activationBits();
        double clip = positive(policy.clip(statistics(value), bits));
        return bits == 8 ? clip : clip * ACTIVATION_HEADROOM_16;
    }

    /** One scale for values of the residual width that share a buffer: their common range with headroom. */
    public double wide(Iterable<String> values) {
        double largest = 0;
        for (String value : values) {
            largest = Math.max(largest, statistics(value).largest());
        }
        return positive(largest) * WIDE_HEADROOM / FixedPoint.highest(format.residualBits());
    }

    private ValueStatistics statistics(String value) {
        ValueStatistics found = statistics.get(value);
        if (found == null) {
            throw new CompileException("calibration saw no value '" + value + "'");
        }
        if (!Double.isFinite(found.largest())) {
            throw new CompileException(
                    "value '" + value + "' is not finite on the calibration images: the model overflows"
                            + " in float; give other images with --calibrate");
        }
        return found;
    }

    /** A value that is always zero still needs a scale. */
    private static double positive(double clip) {
        return clip > 0 ? clip : 1;
    }
}

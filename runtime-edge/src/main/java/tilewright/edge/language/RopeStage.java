package tilewright.edge.language;

import static tilewright.edge.vector.MatrixProduct.LANES;
import static tilewright.edge.vector.MatrixProduct.SPECIES;

import jdk.incubator.vector.FloatVector;
import tilewright.edge.matrix.NativeLoops;
import tilewright.model.graph.RopeFrequencies;
import tilewright.model.graph.RopeSettings;

/**
 * {@link tilewright.model.graph.Rope}; the result may take x's place.
 *
 * <p>Frequencies that depend on the length are those of the sequence's length after the step: keys of earlier steps keep the
 * angles that they had.
 */
final class RopeStage implements Stage {
    private final RopeSettings settings;
    private final Angles angles;
    private final Rows x;
    private final Rows out;

    RopeStage(RopeSettings settings, Angles angles, Rows x, Rows out) {
        this.settings = settings;
        this.angles = angles;
        this.x = x;
        this.out = out;
    }

    /** Sines and cosines of a pass's rows, computed in float64 once for all nodes with the same frequencies. */
    static final class Angles {
        private final RopeFrequencies frequencies;
        private final RowSpace space;
        private float[] cosines = new float[0];
        private float[] sines = new float[0];
        private long pass = -1;
        private long length = -1;
        private double[] inverse = new double[0];
        private double magnitude;

        Angles(RopeFrequencies frequencies, RowSpace space) {
            this.frequencies = frequencies;
            this.space = space;
        }

        private void prepare(long number) {
            if (pass == number) {
                return;
            }
            pass = number;
            int pairs = frequencies.pairs();
            int needed = Math.multiplyExact(space.rows(), pairs);
            if (cosines.length < needed) {
                cosines = new float[needed];
                sines = new float[needed];
            }
            for (int row = 0; row < space.rows(); row++) {
                choose(space.length(row));
                for (int i = 0; i < pairs; i++) {
                    double angle = space.position(row) * inverse[i];
                    cosines[row * pairs + i] = (float) (Math.cos(angle) * magnitude);
                    sines[row * pairs + i] = (float) (Math.sin(angle) * magnitude);
                }
            }
        }

        private void choose(long sequence) {
            if (length != sequence && (length < 0 || !(frequencies instanceof RopeFrequencies.Fixed))) {
                RopeFrequencies.Fixed chosen = frequencies.at(sequence);
                inverse = chosen.inverse().stream()
                        .mapToDouble(Double::doubleValue)
                        .toArray();
                magnitude = chosen.magnitude();
            }
            length = sequence;
        }
    }

    @Override
    public void run(Pass pass) {
        angles.prepare(pass.number());
        int pairs = settings.rotary() / 2;
        pass.team().ranges(x.rows(), 4 * x.elements(), (from, to, _) -> {
            for (int row = from; row < to; row++) {
                if (x.data() != out.data()) {
                    System.arraycopy(x.data(), x.at(row), out.data(), out.at(row), x.width());
                }
                for (int head = 0; head < settings.heads(); head++) {
                    int at = out.at(row) + head * settings.width() + settings.start();
                    if (settings.pairing() == RopeSettings.Pairing.HALVES) {
                        halves(out.data(), at, angles.cosines, angles.sines, row * pairs, pairs);
                    } else {
                        neighbours(out.data(), at, angles.cosines, angles.sines, row * pairs, pairs);
                    }
                }
            }
        });
    }

    private static void halves(float[] x, int at, float[] cosines, float[] sines, int angle, int pairs) {
        if (ElementLoops.nativeLoops) {
            NativeLoops.turn(x, at, cosines, sines, angle, pairs);
            return;
        }
        int i = 0;
        for (; i < SPECIES.loopBound(pairs); i += LANES) {
            FloatVector a = FloatVector.fromArray(SPECIES, x, at + i);
            FloatVector b = FloatVector.fromArray(SPECIES, x, at + pairs + i);
            FloatVector cos = FloatVector.fromArray(SPECIES, cosines, angle + i);
            FloatVector sin = FloatVector.fromArray(SPECIES, sines, angle + i);
            a.mul(cos).sub(b.mul(sin)).intoArray(x, at + i);
            b.mul(cos).add(a.mul(sin)).intoArray(x, at + pairs + i);
        }
        for (; i < pairs; i++) {
            float a = x[at + i];
            float b = x[at + pairs + i];
            x[at + i] = a * cosines[angle + i] - b * sines[angle + i];
            x[at + pairs + i] = b * cosines[angle + i] + a * sines[angle + i];
        }
    }

    private static void neighbours(float[] x, int at, float[] cosines, float[] sines, int angle, int pairs) {
        for (int i = 0; i < pairs; i++) {
            float a = x[at + 2 * i];
            float b = x[at + 2 * i + 1];
            x[at + 2 * i] = a * cosines[angle + i] - b * sines[angle + i];
            x[at + 2 * i + 1] = b * cosines[angle + i] + a * sines[angle + i];
        }
    }
}

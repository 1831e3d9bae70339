package tilewright.edge.language;

/**
 * {@link tilewright.model.graph.CausalConv}; a sequence keeps its last inputs, oldest first.
 *
 * <p>The state is [taps - 1, channels].
 */
final class ConvStage implements Stage {
    private final int state;
    private final Rows x;
    /** By tap, then channel. */
    private final float[] weight;

    private final float[] bias;
    private final Rows out;
    private final int taps;

    /**
     * A bound convolution; the result must not take x's place.
     *
     * @param state the number of its state in a {@link SequenceState}
     * @param weight [channels, taps]
     * @param bias null for none
     */
    ConvStage(int state, Rows x, float[] weight, float[] bias, Rows out) {
        int channels = x.width();
        this.state = state;
        this.x = x;
        this.taps = weight.length / channels;
        this.weight = new float[weight.length];
        for (int c = 0; c < channels; c++) {
            for (int j = 0; j < taps; j++) {
                this.weight[j * channels + c] = weight[c * taps + j];
            }
        }
        this.bias = bias == null ? new float[channels] : bias;
        this.out = out;
    }

    /** Adds a node's stage to a plan. */
    static void bind(PlanBuilder plan) {
        Rows x = plan.rows(0);
        Constant weight = plan.constant(1);
        int state = plan.state((long) x.width() * (weight.dim(1) - 1));
        plan.add(new ConvStage(state, x, weight.values(), plan.numbers(2), plan.out(0, x.space())));
    }

    @Override
    public void run(Pass pass) {
        int channels = x.width();
        for (int s = 0; s < pass.segments().size(); s++) {
            Segment segment = pass.segments().get(s);
            float[] past = segment.state().numbers(state);
            pass.team().ranges(segment.rows(), (long) segment.rows() * channels * taps, (from, to, _) -> {
                for (int row = from; row < to; row++) {
                    convolve(segment, past, row);
                }
            });
            int kept = taps - 1;
            int stay = Math.max(0, kept - segment.rows());
            System.arraycopy(past, (kept - stay) * channels, past, 0, stay * channels);
            for (int i = stay; i < kept; i++) {
                int row = segment.row() + segment.rows() - kept + i;
                System.arraycopy(x.data(), x.at(row), past, i * channels, channels);
            }
        }
    }

    private void convolve(Segment segment, float[] past, int row) {
        int channels = x.width();
        int to = out.at(segment.row() + row);
        System.arraycopy(bias, 0, out.data(), to, channels);
        for (int j = 0; j < taps; j++) {
            int before = row - taps + 1 + j;
            float[] from = before < 0 ? past : x.data();
            int at = before < 0 ? (before + taps - 1) * channels : x.at(segment.row() + before);
            multiplyAdd(from, at, weight, j * channels, out.data(), to, channels);
        }
    }

    private static void multiplyAdd(float[] x, int xAt, float[] y, int yAt, float[] out, int at, int count) {
        for (int i = 0; i < count; i++) {
            out[at + i] += x[xAt + i] * y[yAt + i];
        }
    }
}

package tilewright.compiler.plan;

import tilewright.hw.program.PatchGeometry;

/** One instruction of a program, reduced to the sizes that its cost depends on. */
public sealed interface StepShape {
    /** The step's name in its program. */
    String name();

    /** The part of the model that the step belongs to. */
    String block();

    /** Multiply-accumulates of the step on one image, without padding. */
    double macs();

    /**
     * Patch embedding.
     *
     * @param geometry of the image
     * @param tokens rows of the table that is added
     */
    record Embed(String name, String block, PatchGeometry geometry, int tokens, RowShape input, RowShape output)
            implements StepShape {
        /** Rows that are computed. */
        public int patches() {
            return geometry.patches();
        }

        @Override
        public double macs() {
            return (double) patches() * input.features() * output.features();
        }
    }

    /** LayerNorm of some rows. */
    record Norm(String name, String block, int rows, RowShape input, RowShape output) implements StepShape {
        @Override
        public double macs() {
            return 0;
        }
    }

    /**
     * A linear layer.
     *
     * @param accumulate whether the result is added to the output
     * @param tableEntries entries of the activation's table, 0 without activation
     */
    record Linear(
            String name, String block, int rows, RowShape input, RowShape output, boolean accumulate, int tableEntries)
            implements StepShape {
        @Override
        public double macs() {
            return (double) rows * input.features() * output.features();
        }
    }

    /** Attention of all tokens to all tokens; the input row holds queries, keys and values. */
    record Attention(String name, String block, int tokens, int heads, int headSize, RowShape input, RowShape output)
            implements StepShape {
        @Override
        public double macs() {
            return 2.0 * tokens * tokens * heads * headSize;
        }
    }

    /** A router. */
    record Route(String name, String block, int tokens, RowShape input, int experts, int topK) implements StepShape {
        @Override
        public double macs() {
            return (double) tokens * input.features() * experts;
        }
    }

    /** The experts of one layer, on the queues of the router before them. */
    record Experts(
            String name,
            String block,
            int tokens,
            int experts,
            int topK,
            RowShape input,
            RowShape hidden,
            RowShape output,
            int tableEntries)
            implements StepShape {
        @Override
        public double macs() {
            return (double) tokens * topK * hidden.features() * (input.features() + output.features());
        }
    }
}

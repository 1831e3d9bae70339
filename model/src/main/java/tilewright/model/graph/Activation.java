package tilewright.model.graph;

import org.apache.commons.numbers.gamma.Erfc;

/** A scalar function between linear layers, with its exact definition. */
public enum Activation {
    /** x * Phi(x) with the exact normal distribution (Hendrycks and Gimpel 2016, arXiv 1606.08415). */
    GELU_ERF("gelu_erf") {
        @Override
        public double apply(double x) {
            // erfc of the negated argument keeps full relative precision far below zero, where 1 + erf cancels.
            return 0.5 * x * Erfc.value(-x * INVERSE_SQRT_2);
        }
    },
    /** GELU's approximation with tanh: 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))). */
    GELU_TANH("gelu_tanh") {
        @Override
        public double apply(double x) {
            return 0.5 * x * (1 + Math.tanh(SQRT_2_OVER_PI * (x + 0.044715 * x * x * x)));
        }
    },
    /** GELU's approximation with a logistic: x * sigmoid(1.702 x). */
    QUICK_GELU("quick_gelu") {
        @Override
        public double apply(double x) {
            return x / (1 + Math.exp(-1.702 * x));
        }
    },
    /** x * sigmoid(x). */
    SILU("silu") {
        @Override
        public double apply(double x) {
            return x / (1 + Math.exp(-x));
        }
    },
    /** max(x, 0). */
    RELU("relu") {
        @Override
        public double apply(double x) {
            return Math.max(x, 0);
        }
    },
    /** Hyperbolic tangent. */
    TANH("tanh") {
        @Override
        public double apply(double x) {
            return Math.tanh(x);
        }
    },
    /** max(x, 0) squared (So et al. 2021, arXiv 2109.08668). */
    RELU_SQUARED("relu_squared") {
        @Override
        public double apply(double x) {
            double positive = Math.max(x, 0);
            return positive * positive;
        }
    },
    /** The logistic function 1 / (1 + e^-x). */
    SIGMOID("sigmoid") {
        @Override
        public double apply(double x) {
            return 1 / (1 + Math.exp(-x));
        }
    },
    /** ln(1 + e^x). */
    SOFTPLUS("softplus") {
        @Override
        public double apply(double x) {
            return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
        }
    };

    private static final double INVERSE_SQRT_2 = Math.sqrt(0.5);
    private static final double SQRT_2_OVER_PI = Math.sqrt(2 / Math.PI);

    private final String label;

    Activation(String label) {
        this.label = label;
    }

    /** The function's value at x. */
    public abstract double apply(double x);

    /** The name in the text form. */
    public String label() {
        return label;
    }
}

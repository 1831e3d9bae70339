package tilewright.model.family.language;

import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import tilewright.model.graph.ParameterData;

/** Arithmetic on small weights, in float64 when they are read: {@code 1 + w}, {@code -exp(w)} and the like. */
final class WeightMath {
    private WeightMath() {}

    /** {@code left operator right}; a vector repeats over the rows of the other operand. */
    static Value.Weight apply(String operator, Value left, Value right) {
        DoubleBinaryOperator meaning = switch (operator) {
            case "+" -> Double::sum;
            case "-" -> (a, b) -> a - b;
            case "*" -> (a, b) -> a * b;
            case "/" -> (a, b) -> a / b;
            default -> throw Fault.author("'" + operator + "' is not between weights");
        };
        String name = "(" + text(left) + operator + text(right) + ")";
        if (left instanceof Value.Weight a && right instanceof Value.Weight b) {
            return between(name, a, b, meaning);
        }
        if (left instanceof Value.Weight a) {
            double number = Arithmetic.number(right);
            return mapped(name, a, value -> meaning.applyAsDouble(value, number));
        }
        double number = Arithmetic.number(left);
        return mapped(name, (Value.Weight) right, value -> meaning.applyAsDouble(number, value));
    }

    private static String text(Value value) {
        return value.text();
    }

    private static Value.Weight between(String name, Value.Weight a, Value.Weight b, DoubleBinaryOperator meaning) {
        boolean swapped = b.elements() > a.elements();
        List<Long> shape = swapped ? b.shape() : a.shape();
        List<Long> smaller = swapped ? a.shape() : b.shape();
        int extra = shape.size() - smaller.size();
        if (extra < 0 || !shape.subList(extra, shape.size()).equals(smaller)) {
            throw Fault.author("cannot compute " + WeightShapes.described(a) + " with " + WeightShapes.described(b));
        }
        return new Value.Weight(name, shape, ParameterData.computed(() -> {
            double[] left = a.data().load64();
            double[] right = b.data().load64();
            double[] values = new double[Math.max(left.length, right.length)];
            for (int i = 0; i < values.length; i++) {
                values[i] = meaning.applyAsDouble(left[i % left.length], right[i % right.length]);
            }
            return values;
        }));
    }

    /** A function of every element. */
    static Value.Weight mapped(String name, Value.Weight weight, DoubleUnaryOperator meaning) {
        return new Value.Weight(name, weight.shape(), ParameterData.computed(() -> {
            double[] values = weight.data().load64();
            for (int i = 0; i < values.length; i++) {
                values[i] = meaning.applyAsDouble(values[i]);
            }
            return values;
        }));
    }
}

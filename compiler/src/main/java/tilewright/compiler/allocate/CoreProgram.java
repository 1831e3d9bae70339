package tilewright.compiler.allocate;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import org.ojalgo.optimisation.Expression;
import org.ojalgo.optimisation.ExpressionsBasedModel;
import org.ojalgo.optimisation.Optimisation;
import org.ojalgo.optimisation.integer.IntegerStrategy;
import org.ojalgo.type.context.NumberContext;

/** The integer program over the options that a {@link ChoiceProblem}'s relaxation leaves open. */
final class CoreProgram {
    private static final long MOST_MILLISECONDS = 10_000;

    /** The default leaves out solutions that are little better. */
    private static final NumberContext PRECISION = NumberContext.of(12, 12);

    /** What the capacity is exceeded by for the solver, who would leave out what fits exactly; the caller weighs the result. */
    private static final double SLACK = 1e-4;

    private CoreProgram() {}

    /**
     * An option of a class about which nothing is decided yet.
     *
     * @param reduced its reduced cost
     */
    record Variable(int group, int option, double weight, double value, double reduced) {}

    /**
     * What was found.
     *
     * @param chosen one option of each class
     * @param feasible whether they fit
     * @param optimal whether nothing better does
     */
    record Result(List<Variable> chosen, boolean feasible, boolean optimal) {}

    /** Chooses one variable of each class. */
    static Result solve(List<Variable> variables, double capacity) {
        if (variables.isEmpty()) {
            return new Result(List.of(), capacity >= 0, true);
        }
        // The solver takes small fractions for nothing: numbers are brought near 2^16, by powers of two, which round
        // nothing.
        double weightScale = scale(variables.stream().mapToDouble(Variable::weight));
        double valueScale = scale(variables.stream().mapToDouble(Variable::reduced));
        ExpressionsBasedModel model = new ExpressionsBasedModel();
        model.options.time_abort = MOST_MILLISECONDS;
        model.options.time_suffice = MOST_MILLISECONDS;
        model.options.integer(IntegerStrategy.DEFAULT.withGapTolerance(PRECISION));
        Expression knapsack = model.newExpression("capacity").upper(capacity / weightScale + SLACK);
        Map<Integer, Expression> classes = new HashMap<>();
        List<org.ojalgo.optimisation.Variable> made = new ArrayList<>();
        for (int i = 0; i < variables.size(); i++) {
            Variable variable = variables.get(i);
            var binary = model.newVariable("x" + i).binary().weight(variable.value / valueScale);
            knapsack.set(binary, variable.weight / weightScale);
            classes.computeIfAbsent(
                            variable.group,
                            group -> model.newExpression("class" + group).level(1))
                    .set(binary, 1);
            made.add(binary);
        }
        Optimisation.Result result = model.minimise();
        List<Variable> chosen = new ArrayList<>();
        for (int i = 0; i < made.size() && result.getState().isFeasible(); i++) {
            if (result.doubleValue(i) > 0.5) {
                chosen.add(variables.get(i));
            }
        }
        return new Result(
                chosen, result.getState().isFeasible(), result.getState().isOptimal());
    }

    /** The power of two that brings the greatest magnitude to 2^16; 1 when all are 0. */
    private static double scale(DoubleStream numbers) {
        double greatest = numbers.map(Math::abs).max().orElse(0);
        return greatest > 0 ? Math.scalb(1.0, Math.getExponent(greatest) - 16) : 1;
    }
}

package tilewright.compiler.allocate;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.ojalgo.optimisation.Expression;
import org.ojalgo.optimisation.ExpressionsBasedModel;
import org.ojalgo.optimisation.Optimisation;

/** The integer program over the options that a {@link ChoiceProblem}'s relaxation leaves open. */
final class CoreProgram {
    private static final long MOST_MILLISECONDS = 10_000;

    private CoreProgram() {}

    /**
     * An option that may replace its class's base.
     *
     * @param weight more than the base's
     * @param value more than the base's
     * @param reduced its reduced cost
     */
    record Variable(int group, int option, double weight, double value, double reduced) {}

    /**
     * What was found.
     *
     * @param chosen the options that replace their bases
     * @param feasible whether they fit
     * @param optimal whether nothing better does
     */
    record Result(List<Variable> chosen, boolean feasible, boolean optimal) {}

    /**
     * Chooses at most one variable of each class.
     *
     * @param free weight that may be added to the bases'
     */
    static Result solve(List<Variable> variables, double free) {
        if (variables.isEmpty()) {
            return new Result(List.of(), free >= 0, true);
        }
        // The solver's tolerances are absolute: weights and values are brought near 1.
        double weightScale =
                variables.stream().mapToDouble(v -> Math.abs(v.weight)).max().orElse(1);
        double valueScale =
                variables.stream().mapToDouble(v -> Math.abs(v.value)).max().orElse(1);
        ExpressionsBasedModel model = new ExpressionsBasedModel();
        model.options.time_abort = MOST_MILLISECONDS;
        model.options.time_suffice = MOST_MILLISECONDS;
        Expression capacity = model.newExpression("capacity").upper(free / positive(weightScale));
        Map<Integer, Expression> classes = new HashMap<>();
        List<org.ojalgo.optimisation.Variable> made = new ArrayList<>();
        for (int i = 0; i < variables.size(); i++) {
            Variable variable = variables.get(i);
            var binary = model.newVariable("x" + i).binary().weight(variable.value / positive(valueScale));
            capacity.set(binary, variable.weight / positive(weightScale));
            classes.computeIfAbsent(
                            variable.group,
                            group -> model.newExpression("class" + group).upper(1))
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

    private static double positive(double scale) {
        return scale > 0 ? scale : 1;
    }
}

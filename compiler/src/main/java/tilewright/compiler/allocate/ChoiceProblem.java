package tilewright.compiler.allocate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * The multiple-choice knapsack problem: one option of each class, so that the values' sum is least and the weights' sum within a
 * capacity.
 *
 * <p>The linear relaxation is solved exactly by the classes' lower convex hulls (Sinha and Zoltners, Operations Research 27, 1979); its
 * multiplier gives every option a reduced cost, and an option whose reduced cost reaches the gap between the relaxation and a known
 * solution is in no better one. What that leaves open goes to an integer program ({@link CoreProgram}).
 */
public final class ChoiceProblem {
    /** Integer variables that a program may have; further options are left out by reduced cost, and the gap says so. */
    private static final int MOST_VARIABLES = 400;

    private final List<List<Choice>> classes;
    private final double capacity;
    /** Options that no other option of their class is better than in both respects, by ascending weight. */
    private final List<int[]> efficient = new ArrayList<>();

    private ChoiceProblem(List<List<Choice>> classes, double capacity) {
        this.classes = classes;
        this.capacity = capacity;
        classes.forEach(options -> efficient.add(efficient(options)));
    }

    /**
     * A solution.
     *
     * @param chosen the option of each class
     * @param weight the sum of weights
     * @param value the sum of values
     * @param bound no solution has a smaller sum of values
     */
    public record Solution(List<Integer> chosen, double weight, double value, double bound) {
        /** How far the value may be above the least, relative to it; 0 when it is the least. */
        public double gap() {
            return value <= bound ? 0 : (value - bound) / Math.abs(value);
        }
    }

    /**
     * Solves a problem.
     *
     * @param classes at least one option each
     * @return the best solution found and a bound
     * @throws IllegalArgumentException when a class is empty, or even the lightest options together exceed the capacity
     */
    public static Solution solve(List<List<Choice>> classes, double capacity) {
        for (List<Choice> options : classes) {
            if (options.isEmpty()) {
                throw new IllegalArgumentException("a class has no options");
            }
        }
        return new ChoiceProblem(classes, capacity).solve();
    }

    /** A step from one option of a class's hull to the next heavier one. */
    private record Step(int group, int to, double weight, double gain) {
        double slope() {
            return gain / weight;
        }
    }

    private Solution solve() {
        int[] chosen = new int[classes.size()];
        List<Step> steps = new ArrayList<>();
        double weight = 0;
        for (int group = 0; group < chosen.length; group++) {
            int[] hull = hull(group);
            chosen[group] = hull[0];
            weight += at(group, hull[0]).weight();
            for (int i = 1; i < hull.length; i++) {
                Choice from = at(group, hull[i - 1]);
                Choice to = at(group, hull[i]);
                steps.add(new Step(group, hull[i], to.weight() - from.weight(), from.value() - to.value()));
            }
        }
        if (weight > capacity) {
            throw new IllegalArgumentException(
                    "the lightest options weigh " + weight + " together, more than the capacity of " + capacity);
        }
        // Slopes fall along a hull, and a stable sort keeps a class's steps in order where they are equal.
        steps.sort(Comparator.comparingDouble(Step::slope).reversed());
        double multiplier = 0;
        double bound = value(chosen);
        boolean broken = false;
        boolean[] blocked = new boolean[chosen.length];
        for (Step step : steps) {
            double free = capacity - weight;
            if (step.weight() > free) {
                if (!broken) {
                    multiplier = step.slope();
                    bound -= free * step.slope();
                    broken = true;
                }
                blocked[step.group()] = true;
            } else if (!blocked[step.group()]) {
                chosen[step.group()] = step.to();
                weight += step.weight();
                bound -= broken ? 0 : step.gain();
            }
        }
        if (!broken) {
            return solution(chosen, value(chosen));
        }
        return refine(chosen, multiplier, bound);
    }

    /** Looks for a better solution among options whose reduced cost allows one. */
    private Solution refine(int[] incumbent, double multiplier, double bound) {
        double best = value(incumbent);
        double tolerance = 1e-12 * (Math.abs(best) + Math.abs(bound));
        double room = best - bound + tolerance;
        List<CoreProgram.Variable> open = new ArrayList<>();
        int[] base = new int[incumbent.length];
        for (int group = 0; group < incumbent.length; group++) {
            double least = Double.POSITIVE_INFINITY;
            for (int option : efficient.get(group)) {
                double cost = cost(group, option, multiplier);
                if (cost < least) {
                    least = cost;
                    base[group] = option;
                }
            }
            for (int option : efficient.get(group)) {
                double reduced = cost(group, option, multiplier) - least;
                if (option != base[group] && reduced <= room) {
                    open.add(variable(group, option, reduced));
                }
            }
        }
        boolean complete = open.size() <= MOST_VARIABLES;
        if (!complete) {
            open.sort(Comparator.comparingDouble(CoreProgram.Variable::reduced));
            open = new ArrayList<>(open.subList(0, MOST_VARIABLES));
        }
        boolean[] undecided = new boolean[base.length];
        open.forEach(variable -> undecided[variable.group()] = true);
        double free = capacity;
        for (int group = 0; group < base.length; group++) {
            if (undecided[group]) {
                open.add(variable(group, base[group], 0));
            } else {
                free -= at(group, base[group]).weight();
            }
        }
        CoreProgram.Result found = CoreProgram.solve(open, free);
        int[] chosen = base.clone();
        found.chosen().forEach(variable -> chosen[variable.group()] = variable.option());
        boolean better = found.feasible() && weight(chosen) <= capacity && value(chosen) < best;
        return solution(
                better ? chosen : incumbent, complete && found.optimal() ? Math.min(best, value(chosen)) : bound);
    }

    private CoreProgram.Variable variable(int group, int option, double reduced) {
        return new CoreProgram.Variable(
                group, option, at(group, option).weight(), at(group, option).value(), reduced);
    }

    private double cost(int group, int option, double multiplier) {
        return at(group, option).value() + multiplier * at(group, option).weight();
    }

    private Solution solution(int[] chosen, double bound) {
        return new Solution(Arrays.stream(chosen).boxed().toList(), weight(chosen), value(chosen), bound);
    }

    private Choice at(int group, int option) {
        return classes.get(group).get(option);
    }

    private double weight(int[] chosen) {
        double sum = 0;
        for (int group = 0; group < chosen.length; group++) {
            sum += at(group, chosen[group]).weight();
        }
        return sum;
    }

    private double value(int[] chosen) {
        double sum = 0;
        for (int group = 0; group < chosen.length; group++) {
            sum += at(group, chosen[group]).value();
        }
        return sum;
    }

    private static int[] efficient(List<Choice> options) {
        Integer[] order = new Integer[options.size()];
        Arrays.setAll(order, i -> i);
        Arrays.sort(
                order,
                Comparator.comparingDouble((Integer i) -> options.get(i).weight())
                        .thenComparingDouble(i -> options.get(i).value()));
        List<Integer> kept = new ArrayList<>();
        double least = Double.POSITIVE_INFINITY;
        for (int option : order) {
            if (options.get(option).value() < least) {
                kept.add(option);
                least = options.get(option).value();
            }
        }
        return kept.stream().mapToInt(Integer::intValue).toArray();
    }

    /** The corners of the lower left hull of a class, by ascending weight. */
    private int[] hull(int group) {
        List<Integer> corners = new ArrayList<>();
        for (int option : efficient.get(group)) {
            Choice next = at(group, option);
            while (corners.size() > 1) {
                Choice last = at(group, corners.getLast());
                Choice before = at(group, corners.get(corners.size() - 2));
                double there = (before.value() - last.value()) * (next.weight() - last.weight());
                double beyond = (last.value() - next.value()) * (last.weight() - before.weight());
                if (there > beyond) {
                    break;
                }
                corners.removeLast();
            }
            corners.add(option);
        }
        return corners.stream().mapToInt(Integer::intValue).toArray();
    }
}

package tilewright.compiler.allocate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ChoiceProblemTest {
    @Test
    void findsTheLeastThatEnumerationFinds() {
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            List<List<Choice>> classes = new ArrayList<>();
            double lightest = 0;
            double heaviest = 0;
            for (int group = 0; group < 1 + random.nextInt(6); group++) {
                List<Choice> options = new ArrayList<>();
                for (int option = 0; option < 1 + random.nextInt(5); option++) {
                    options.add(new Choice(random.nextInt(40), random.nextInt(100) / 1e4));
                }
                classes.add(options);
                lightest += options.stream().mapToDouble(Choice::weight).min().orElseThrow();
                heaviest += options.stream().mapToDouble(Choice::weight).max().orElseThrow();
            }
            double capacity = lightest + Math.floor(random.nextDouble() * (heaviest - lightest + 1));

            ChoiceProblem.Solution found = ChoiceProblem.solve(classes, capacity);

            String place = "seed " + seed;
            double least = enumerate(classes, 0, 0, 0, capacity);
            assertEquals(least, found.value(), 1e-12, place);
            assertTrue(found.weight() <= capacity, place);
            assertTrue(found.bound() <= least + 1e-12, place);
            assertEquals(sum(classes, found.chosen()), found.value(), 1e-12, place);
        }
    }

    private static double enumerate(
            List<List<Choice>> classes, int group, double weight, double value, double capacity) {
        if (weight > capacity) {
            return Double.POSITIVE_INFINITY;
        }
        if (group == classes.size()) {
            return value;
        }
        double least = Double.POSITIVE_INFINITY;
        for (Choice option : classes.get(group)) {
            least = Math.min(
                    least, enumerate(classes, group + 1, weight + option.weight(), value + option.value(), capacity));
        }
        return least;
    }

    private static double sum(List<List<Choice>> classes, List<Integer> chosen) {
        double sum = 0;
        for (int group = 0; group < chosen.size(); group++) {
            sum += classes.get(group).get(chosen.get(group)).value();
        }
        return sum;
    }

    @Test
    void solvesAModelOf6144ExpertsToWithinATenthOfAPercent() {
        Random random = new Random(7);
        List<List<Choice>> classes = new ArrayList<>();
        for (int expert = 0; expert < 48 * 128; expert++) {
            double loss = Math.exp(3 * random.nextGaussian());
            List<Choice> options = new ArrayList<>();
            for (int bits = 4; bits < 19; bits++) {
                options.add(new Choice(
                        4096 * (10 * bits + random.nextInt(5)),
                        loss * Math.pow(0.5, bits) * (1 + 0.2 * random.nextDouble())));
            }
            classes.add(options);
        }

        ChoiceProblem.Solution found = ChoiceProblem.solve(classes, 48 * 128 * 4096.0 * 87);

        assertTrue(found.weight() <= 48 * 128 * 4096.0 * 87);
        assertTrue(found.gap() < 1e-3, () -> "gap " + found.gap());
    }

    @Test
    void takesTheBestOptionsWhenAllFit() {
        List<List<Choice>> classes =
                List.of(List.of(new Choice(1, 5), new Choice(3, 1)), List.of(new Choice(2, 4), new Choice(2, 2)));

        ChoiceProblem.Solution found = ChoiceProblem.solve(classes, 100);

        assertEquals(List.of(1, 1), found.chosen());
        assertEquals(0, found.gap());
    }

    @Test
    void refusesACapacityBelowTheLightestOptions() {
        IllegalArgumentException thrown = assertThrows(
                IllegalArgumentException.class, () -> ChoiceProblem.solve(List.of(List.of(new Choice(2, 1))), 1));

        assertEquals("the lightest options weigh 2.0 together, more than the capacity of 1.0", thrown.getMessage());
    }
}

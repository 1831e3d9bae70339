package tilewright.hw.lang.design;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;

/** Sorts the assignments of a module without instances. */
final class EvaluationOrder {
    private enum Mark {
        NEW,
        OPEN,
        DONE
    }

    private record Visit(Assignment assignment, Iterator<Net> reads) {}

    private EvaluationOrder() {}

    /**
     * The module's assignments, each after those whose targets it reads; otherwise in their order.
     *
     * @throws IllegalStateException when they form a loop, which a checked design does not
     */
    static List<Assignment> of(Module module) {
        Assignment[] drivers = new Assignment[module.nets().size()];
        module.assignments().forEach(a -> drivers[a.target().id()] = a);
        Mark[] marks = new Mark[drivers.length];
        java.util.Arrays.fill(marks, Mark.NEW);
        List<Assignment> order = new ArrayList<>(module.assignments().size());
        Deque<Visit> stack = new ArrayDeque<>();
        for (Assignment root : module.assignments()) {
            open(root, marks, stack);
            while (!stack.isEmpty()) {
                Visit visit = stack.peek();
                if (visit.reads.hasNext()) {
                    Net read = visit.reads.next();
                    if (drivers[read.id()] != null) {
                        open(drivers[read.id()], marks, stack);
                    }
                } else {
                    marks[visit.assignment.target().id()] = Mark.DONE;
                    order.add(visit.assignment);
                    stack.pop();
                }
            }
        }
        return List.copyOf(order);
    }

    private static void open(Assignment assignment, Mark[] marks, Deque<Visit> stack) {
        int id = assignment.target().id();
        if (marks[id] == Mark.OPEN) {
            throw new IllegalStateException(
                    "combinational loop through " + assignment.target().name());
        }
        if (marks[id] == Mark.NEW) {
            marks[id] = Mark.OPEN;
            stack.push(new Visit(assignment, Reads.of(assignment.value()).iterator()));
        }
    }
}

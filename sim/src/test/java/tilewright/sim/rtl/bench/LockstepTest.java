package tilewright.sim.rtl.bench;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.Elaboration;
import tilewright.hw.lang.UInt;
import tilewright.hw.lang.design.Design;
import tilewright.sim.rtl.Engine;
import tilewright.sim.rtl.Simulation;
import tilewright.sim.rtl.SimulationOptions;
import tilewright.sim.rtl.compiled.JavaEngine;

class LockstepTest {
    static final class Adder extends Component {
        final UInt a = in(uint(8));
        final UInt sum = out(uint(9));

        Adder() {
            sum.assign(a.plus(1));
        }
    }

    /** An engine that shows one too many where the sum is 200. */
    private static final class Faulty implements Engine {
        @Override
        public String name() {
            return "faulty";
        }

        @Override
        public Simulation open(Design design, SimulationOptions options) {
            Simulation right = new JavaEngine().open(design, options);
            return (Simulation) Proxy.newProxyInstance(
                    Simulation.class.getClassLoader(), new Class<?>[] {Simulation.class}, (_, method, arguments) -> {
                        Object result;
                        try {
                            result = method.invoke(right, arguments);
                        } catch (InvocationTargetException e) {
                            throw e.getCause();
                        }
                        boolean wrong = result instanceof Long value
                                && value == 200
                                && method.getName().equals("get");
                        return wrong ? (Object) 201L : result;
                    });
        }
    }

    @Test
    void enginesThatDifferAreFoundAtTheCycleAtWhichTheyDo(@TempDir Path folder) {
        BenchFailure failure = assertThrows(
                BenchFailure.class,
                () -> Runs.of(Elaboration.of(Adder::new))
                        .engines(List.of(new JavaEngine(), new Faulty()))
                        .failuresIn(folder)
                        .run(bench -> {
                            for (int i = 190; i < 210; i++) {
                                bench.simulation().set("a", i);
                                bench.cycle();
                            }
                        }));
        assertTrue(
                failure.getMessage()
                        .startsWith(
                                "Adder (java+faulty, seed 1, stalls 0%), cycle 9: the engines differ: output 'sum' is 200"
                                        + " under java and 2"),
                failure.getMessage());
    }
}

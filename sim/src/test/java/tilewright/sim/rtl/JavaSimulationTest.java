package tilewright.sim.rtl;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.Test;
import tilewright.hw.lang.Elaboration;
import tilewright.hw.lang.design.Design;
import tilewright.hw.lang.design.Interpreter;
import tilewright.sim.rtl.compiled.JavaEngine;

class JavaSimulationTest {
    @Test
    void compiledCodeDoesWhatTheInterpreterDoesInRandomCircuits() {
        for (long seed = 0; seed < 300; seed++) {
            Design design;
            long chosen = seed;
            try {
                design = Elaboration.of(() -> new RandomCircuit(chosen));
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed, e);
            }
            agree(design, seed);
        }
    }

    private static void agree(Design design, long seed) {
        Random random = new Random(seed);
        Interpreter interpreter = new Interpreter(design);
        try (Simulation simulation = Simulation.open(design, new JavaEngine())) {
            for (int cycle = 0; cycle < 60; cycle++) {
                for (Port port : simulation.ports()) {
                    if (port.isInput()) {
                        BigInteger value = stimulus(port, random);
                        interpreter.set(port.name(), value);
                        simulation.set(port.index(), value);
                    }
                }
                for (Port port : simulation.ports()) {
                    if (port.direction() == Port.Direction.OUTPUT) {
                        assertEquals(
                                interpreter.get(port.name()),
                                simulation.getBig(port.index()),
                                "seed " + seed + ", cycle " + cycle + ", port " + port.name());
                    }
                }
                interpreter.step();
                simulation.tick();
            }
        }
    }

    /** Random values, corners among them; a reset is rare. */
    static BigInteger stimulus(Port port, Random random) {
        if (port.direction() == Port.Direction.RESET) {
            return random.nextInt(16) == 0 ? BigInteger.ONE : BigInteger.ZERO;
        }
        BigInteger bits = switch (random.nextInt(8)) {
            case 0 -> BigInteger.ZERO;
            case 1 -> BigInteger.ONE.shiftLeft(port.width()).subtract(BigInteger.ONE);
            case 2 -> BigInteger.ONE.shiftLeft(port.width() - 1);
            case 3 -> BigInteger.valueOf(random.nextInt(4)).mod(BigInteger.ONE.shiftLeft(port.width()));
            default -> new BigInteger(port.width(), random);
        };
        return port.signed() && bits.testBit(port.width() - 1)
                ? bits.subtract(BigInteger.ONE.shiftLeft(port.width()))
                : bits;
    }
}

package tilewright.sim.rtl;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tilewright.hw.lang.Elaboration;
import tilewright.hw.lang.design.Design;
import tilewright.sim.rtl.compiled.JavaEngine;
import tilewright.sim.rtl.verilator.VerilatorEngine;

class EnginesAgreeTest {
    private static final int CIRCUITS = 65;
    private static final int CYCLES = 120;

    @ParameterizedTest
    @ValueSource(longs = {1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000})
    void bothEnginesShowTheSameAtEveryCycleOfRandomCircuits(long firstSeed) {
        Tools.assumeVerilator();
        Design design = Elaboration.of(() -> new RandomCircuits(firstSeed, CIRCUITS));
        Random random = new Random(firstSeed);
        try (Simulation java = Simulation.open(design, new JavaEngine());
                Simulation verilator = Simulation.open(design, new VerilatorEngine())) {
            for (int cycle = 0; cycle < CYCLES; cycle++) {
                for (Port port : java.ports()) {
                    if (port.isInput()) {
                        BigInteger value = JavaSimulationTest.stimulus(port, random);
                        java.set(port.index(), value);
                        verilator.set(port.index(), value);
                    }
                }
                for (Port port : java.ports()) {
                    if (port.direction() == Port.Direction.OUTPUT) {
                        assertEquals(
                                java.getBig(port.index()),
                                verilator.getBig(port.index()),
                                "seed " + firstSeed + ", cycle " + cycle + ", port " + port.name());
                    }
                }
                java.tick();
                verilator.tick();
            }
        }
    }
}

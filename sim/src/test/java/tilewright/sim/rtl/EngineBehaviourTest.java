package tilewright.sim.rtl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.Elaboration;
import tilewright.hw.lang.UInt;
import tilewright.hw.lang.design.Design;
import tilewright.hw.lang.design.Interpreter;
import tilewright.sim.SimulationException;
import tilewright.sim.rtl.compiled.JavaEngine;
import tilewright.sim.rtl.verilator.VerilatorEngine;

class EngineBehaviourTest {
    /** A table of many cases, a wide sum of many registers, and a chain of choices: more than one method holds. */
    static final class Long extends Component {
        final UInt select = in(uint(9));
        final UInt chosen = out(uint(32));
        final UInt total = out(uint(32));
        private final UInt state = reg(uint(32), 1);

        Long() {
            List<UInt> registers = new ArrayList<>();
            UInt sum = u(0, 32);
            UInt picked = u(0, 32);
            for (int i = 0; i < 500; i++) {
                UInt register = reg(uint(32), i).named("r" + i);
                UInt before = i == 0 ? state : registers.getLast();
                when(select.ge(i), () -> register.assign(before.plusMod(register)));
                registers.add(register);
                sum = sum.plusMod(register.xor(select.resize(32)));
                picked = mux(select.eq(i), register, picked);
            }
            state.assign(state.plusMod(registers.getLast()));
            total.assign(sum);
            chosen.assign(picked);
        }
    }

    private static List<Engine> engines() {
        Tools.assumeVerilator();
        return List.of(new JavaEngine(), new VerilatorEngine());
    }

    @Test
    void clocksRiseTogetherOrOneByOneAndResetsActWhenTheyShould() {
        Design design = Elaboration.of(TwoClocks::new);
        for (Engine engine : engines()) {
            Interpreter reference = new Interpreter(design);
            Random random = new Random(11);
            try (Simulation simulation = Simulation.open(design, engine)) {
                assertEquals(3, simulation.clocks().size());
                for (int step = 0; step < 2000; step++) {
                    switch (random.nextInt(5)) {
                        case 0 -> {
                            reference.step();
                            simulation.tick();
                        }
                        case 1 -> {
                            Port reset = simulation.ports().stream()
                                    .filter(port -> port.direction() == Port.Direction.RESET)
                                    .skip(random.nextInt(3))
                                    .findFirst()
                                    .orElseThrow();
                            int value = random.nextInt(4) == 0 ? 1 : 0;
                            reference.set(reset.name(), value);
                            simulation.set(reset.index(), value);
                        }
                        default -> {
                            int clock = random.nextInt(3);
                            reference.step(simulation.clocks().get(clock));
                            simulation.tick(clock);
                        }
                    }
                    for (Port port : simulation.ports()) {
                        if (port.direction() == Port.Direction.OUTPUT) {
                            assertEquals(
                                    reference.get(port.name()),
                                    simulation.getBig(port.index()),
                                    engine.name() + ", step " + step + ", " + port.name());
                        }
                    }
                }
            }
        }
    }

    @Test
    void codeThatNoMethodHoldsIsCutAndStaysRight() {
        Design design = Elaboration.of(Long::new);
        Interpreter reference = new Interpreter(design);
        Random random = new Random(3);
        try (Simulation simulation = Simulation.open(design, new JavaEngine())) {
            for (int cycle = 0; cycle < 60; cycle++) {
                int select = random.nextInt(512);
                int reset = cycle == 0 || random.nextInt(20) == 0 ? 1 : 0;
                reference.set("select", select);
                reference.set("reset", reset);
                simulation.set("select", select);
                simulation.set("reset", reset);
                assertEquals(reference.getLong("chosen"), simulation.get("chosen"), "cycle " + cycle);
                assertEquals(reference.getLong("total"), simulation.get("total"), "cycle " + cycle);
                reference.step();
                simulation.tick();
            }
        }
    }

    @Test
    void anAssertionThatDoesNotHoldIsAnException() {
        Design design = Elaboration.of(() -> new Counter(4));
        for (Engine engine : engines()) {
            try (Simulation simulation = Simulation.open(design, engine)) {
                simulation.set("reset", 1);
                simulation.run(9);
                simulation.set("reset", 0);
                simulation.set("enable", 1);
                simulation.run(4);
                SimulationException failed = assertThrows(SimulationException.class, simulation::tick);
                assertTrue(
                        failed.getMessage().matches("Counter: Counter\\.java:\\d+: the count is 4 \\(cycle 13\\).*"),
                        failed.getMessage());
            }
        }
    }

    @Test
    void whatAPortCannotHoldOrIsNotForIsRefused() {
        Design design = Elaboration.of(() -> new Counter(4));
        for (Engine engine : engines()) {
            for (boolean forked : new boolean[] {false, true}) {
                SimulationOptions options = SimulationOptions.defaults();
                try (Simulation s = engine.open(design, forked ? options.inFork() : options)) {
                    refused("port 'enable' has 1 bit; 2 does not fit", () -> s.set("enable", 2));
                    refused("port 'enable' has 1 bit; -1 does not fit", () -> s.set("enable", -1));
                    refused("port 'count' cannot be set; the design drives it", () -> s.set("count", 1));
                    refused("port 'clock' cannot be set; use tick", () -> s.set("clock", 1));
                    refused(
                            "port 'wideOut' has 101 bits, which do not fit in 64; use getBig, a BigInteger or words",
                            () -> s.get("wideOut"));
                    refused(
                            "port 'wideIn' has 100 bits with sign; 633825300114114700748351602688 does not fit",
                            () -> s.set(s.port("wideIn"), BigInteger.ONE.shiftLeft(99)));
                    refused(
                            "no port 'cuont'; the ports are [clock, reset, enable, wideIn, count, wideOut]",
                            () -> s.port("cuont"));
                }
            }
        }
    }

    private static void refused(String message, Runnable action) {
        assertEquals(
                message,
                assertThrows(IllegalArgumentException.class, action::run).getMessage());
    }

    @Test
    void bothEnginesTraceTheSameValuesAtTheSameTimes(@TempDir Path folder) throws Exception {
        Design design = Elaboration.of(() -> new Counter(200));
        List<String> values = new ArrayList<>();
        for (Engine engine : engines()) {
            Path file = folder.resolve(engine.name() + ".vcd");
            SimulationOptions options = new SimulationOptions(
                    false, Optional.of(file), SimulationOptions.defaults().cache());
            try (Simulation simulation = engine.open(design, options)) {
                simulation.reset();
                for (int i = 0; i < 20; i++) {
                    simulation.set("enable", i % 3 == 0 ? 0 : 1);
                    simulation.tick();
                }
            }
            values.add(rises(Files.readString(file), "value"));
        }
        // One reset, then of each three cycles the last two count.
        assertEquals("0 0 1 2 2 3 4 4 5 6 6 7 8 8 9 10 10 11 12 12 13", values.getFirst());
        assertEquals(values.getFirst(), values.getLast());
    }

    /** The values of a signal after each rising edge of the clock, as a reader of the file sees them. */
    private static String rises(String vcd, String signal) {
        Map<String, String> codes = new HashMap<>();
        Matcher names = Pattern.compile("\\$var wire +\\d+ (\\S+) (\\w+)").matcher(vcd);
        while (names.find()) {
            codes.putIfAbsent(names.group(2), names.group(1));
        }
        Map<String, BigInteger> now = new HashMap<>();
        StringBuilder result = new StringBuilder();
        boolean rose = false;
        String body = vcd.substring(vcd.indexOf("$enddefinitions")) + "\n#end";
        for (String line : body.lines().skip(1).toList()) {
            if (line.startsWith("#")) {
                if (rose) {
                    result.append(result.isEmpty() ? "" : " ").append(now.get(codes.get(signal)));
                }
                rose = false;
            } else if (line.startsWith("b")) {
                String[] parts = line.substring(1).split(" ");
                now.put(parts[1], new BigInteger(parts[0], 2));
            } else if (line.startsWith("0") || line.startsWith("1")) {
                String code = line.substring(1);
                BigInteger bit = new BigInteger(line.substring(0, 1));
                BigInteger before = now.put(code, bit);
                String clock = codes.containsKey("clock") ? codes.get("clock") : "";
                rose |= code.equals(clock) && bit.signum() > 0 && before != null && before.signum() == 0;
            }
        }
        return result.toString();
    }
}

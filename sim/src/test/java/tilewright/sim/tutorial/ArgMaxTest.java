package tilewright.sim.tutorial;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tilewright.hw.lang.Elaboration;
import tilewright.sim.rtl.Tools;
import tilewright.sim.rtl.bench.Engines;
import tilewright.sim.rtl.bench.Runs;
import tilewright.sim.rtl.bench.Scoreboard;
import tilewright.sim.rtl.bench.Stalls;
import tilewright.sim.rtl.bench.StreamSource;

class ArgMaxTest {
    @BeforeAll
    static void needVerilator() {
        Tools.assumeVerilator();
    }

    @Test
    void givesThePlaceOfTheGreatestScoreOfEachPacket() {
        Runs.of(Elaboration.of(ArgMax::new))
                .engines(Engines.both())
                .seeds(1, 2)
                .stalls(Stalls.NONE, Stalls.of(0.25), Stalls.of(0.75))
                .run(bench -> {
                    StreamSource scores = bench.source("scores");
                    Scoreboard winner = bench.expecting("winner");
                    for (int packet = 0; packet < 2_000; packet++) {
                        int count = 1 + bench.random().nextInt(16);
                        long[] values = bench.random().longs(count, -128, 128).toArray();
                        int greatest = 0;
                        for (int i = 0; i < count; i++) {
                            scores.offer(values[i], i == count - 1 ? 1 : 0);
                            greatest = values[i] > values[greatest] ? i : greatest;
                        }
                        winner.expect(greatest);
                    }
                    bench.runUntil(winner::isDone, 1_000_000);
                });
    }
}

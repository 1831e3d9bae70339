package tilewright.sim.tutorial;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tilewright.hw.lang.Elaboration;
import tilewright.sim.rtl.Tools;
import tilewright.sim.rtl.bench.Runs;
import tilewright.sim.rtl.bench.Scoreboard;
import tilewright.sim.rtl.bench.Stalls;
import tilewright.sim.rtl.bench.StreamSource;

class TwoClocksTest {
    @BeforeAll
    static void needVerilator() {
        Tools.assumeVerilator();
    }

    @Test
    void winnersAreThoseOfTheScoresWhateverTheOrderOfTheClocksEdges() {
        Runs.of(Elaboration.of(TwoClocks::new))
                .seeds(1, 2, 3)
                .stalls(Stalls.NONE, Stalls.of(0.5))
                .run(bench -> {
                    StreamSource scores = bench.source("scores");
                    Scoreboard winner = bench.expecting("winner");
                    for (int packet = 0; packet < 1_000; packet++) {
                        int place = bench.random().nextInt(5);
                        for (int i = 0; i < 5; i++) {
                            scores.offer(i == place ? 100 : bench.random().nextInt(200) - 101, i == 4 ? 1 : 0);
                        }
                        winner.expect(place);
                    }
                    bench.runUntilAtRandomClocks(winner::isDone, 1_000_000);
                });
    }
}

package tilewright.edge.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tilewright.edge.expert.FileExperts;
import tilewright.edge.expert.StreamedExperts;
import tilewright.edge.expert.StreamingCounters;
import tilewright.edge.expert.StreamingOptions;
import tilewright.model.family.language.LanguageModels;
import tilewright.model.family.language.LoadedLanguageModel;

class ReadingProbeTest {
    @Test
    void expertsAreReadAnewEachTime() {
        try (LoadedLanguageModel model = LanguageModels.load(Path.of("..", "examples", "moe-lm"));
                FileExperts records = new FileExperts(model.graph(), model.tensors(), _ -> {});
                StreamedExperts experts = new StreamedExperts(model.graph(), records, StreamingOptions.defaults())) {
            ReadingPace pace = ReadingProbe.measure(
                    experts, IntStream.range(0, records.layers()).toArray(), 1, 0.01);
            assertTrue(pace.startSeconds() >= 0, pace::toString);
            assertTrue(pace.rate().atRest() > 0, pace::toString);
            assertTrue(pace.rate().besideComputing() > 0, pace::toString);
            assertTrue(pace.computing() > 0 && pace.computing() <= 1, pace::toString);
            StreamingCounters cost = experts.counters();
            assertTrue(cost.routedBytes() > 0);
            assertEquals(0, cost.hitBytes());
        }
    }
}

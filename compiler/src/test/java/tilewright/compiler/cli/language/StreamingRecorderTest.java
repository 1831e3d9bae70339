package tilewright.compiler.cli.language;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tilewright.compiler.report.StreamedRun.Sample;
import tilewright.edge.expert.StreamingCounters;

/** The course of a run of any length fits in the same memory, and nothing of it is lost. */
class StreamingRecorderTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 1023, 1024, 1025, 2048, 2049, 5000, 70_001})
    void aCourseOfAnyLengthKeepsItsSumsAndEqualSamples(int count) {
        StreamingRecorder.Course course = new StreamingRecorder.Course();
        for (int i = 0; i < count; i++) {
            course.add(new Sample(1, 1, new StreamingCounters(1, i, 0, 0, 0, 0, 0, 0, 0, 0)));
        }
        var samples = course.samples();
        assertTrue(samples.size() <= StreamingRecorder.MOST_SAMPLES, samples.size() + " samples");
        assertEquals(count, samples.stream().mapToLong(Sample::tokens).sum());
        assertEquals(
                (long) count * (count - 1) / 2,
                samples.stream()
                        .mapToLong(sample -> sample.cost().routedBytes())
                        .sum());
        long each = samples.getFirst().tokens();
        for (int i = 0; i < samples.size() - 1; i++) {
            assertEquals(each, samples.get(i).tokens(), "sample " + i);
        }
        assertTrue(samples.getLast().tokens() <= each);
    }
}

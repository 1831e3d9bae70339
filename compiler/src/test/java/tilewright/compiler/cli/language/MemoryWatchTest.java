package tilewright.compiler.cli.language;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tilewright.compiler.report.MemoryCourse;
import tilewright.compiler.report.MemoryCourse.Sample;
import tilewright.edge.expert.FileCache;

/** What a process occupied is sampled, kept in little memory, and set beside the budget. */
class MemoryWatchTest {
    private static final long MEBI = 1 << 20;

    @ParameterizedTest
    @ValueSource(ints = {1, 511, 512, 513, 5000, 70_001})
    void aWatchOfAnyLengthKeepsItsPeakAndFewSamples(int count) {
        MemoryWatch.Course course = new MemoryWatch.Course();
        int largest = count / 3;
        for (int i = 0; i < count; i++) {
            course.add(new Sample(i, i == largest ? 900 : 1 + i % 5, 2, 3));
        }
        List<Sample> samples = course.samples();
        assertTrue(samples.size() <= MemoryWatch.MOST_SAMPLES, samples.size() + " samples");
        assertEquals(new Sample(largest, 900, 2, 3), course.peak());
        assertEquals(1, samples.stream().filter(sample -> sample.total() == 905).count());
        for (int i = 1; i < samples.size(); i++) {
            assertTrue(samples.get(i).seconds() > samples.get(i - 1).seconds());
        }
    }

    @Test
    void memoryAndCachedPagesThatComeAreSeen(@TempDir Path folder) throws Exception {
        Assumptions.assumeTrue(Files.exists(Path.of("/proc/self/status")), "this system has no /proc");
        Path file = folder.resolve("model.bin");
        Files.write(file, new byte[10]);
        Assumptions.assumeTrue(FileCache.bytes(file) > 0, "nothing is known of cached pages here");
        try (MemoryWatch watch = MemoryWatch.start(1L << 50);
                Arena arena = Arena.ofConfined()) {
            Sample before = watch.course().samples().getLast();
            watch.files(List.of(file));
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.write(ByteBuffer.allocateDirect((int) (20 * MEBI)));
            }
            MemorySegment touched = arena.allocate(40 * MEBI).fill((byte) 1);
            MemoryCourse course = watch.course();
            assertTrue(course.cacheKnown());
            Sample peak = course.peak();
            assertTrue(peak.cached() >= 19 * MEBI && peak.cached() <= 21 * MEBI, peak.toString());
            assertTrue(
                    peak.anonymous() - before.anonymous() >= 35 * MEBI,
                    before + ", " + peak + touched.get(ValueLayout.JAVA_BYTE, 0));
            assertTrue(course.held());
        }
    }

    @Test
    void theTextNamesThePeakAndWarnsAboveTheBudget() {
        Sample peak = new Sample(2.5, 1800 * MEBI, 60 * MEBI, 3 * MEBI);
        List<Sample> samples = List.of(new Sample(0, MEBI, 0, 0), peak);
        MemoryCourse held = new MemoryCourse(1992 * MEBI, 1, samples, peak, true);
        assertEquals(
                List.of(
                        "  memory    1863 of 1992 MiB at most, with pages of the model's files that came into the system's cache"),
                StreamingText.lines(held));
        MemoryCourse broken = new MemoryCourse(1800 * MEBI, 1, samples, peak, false);
        assertEquals(
                List.of(
                        "  memory    1863 of 1800 MiB at most",
                        "warning: 63 MiB more than the budget were occupied after 2.5 s"),
                StreamingText.lines(broken));
        ObjectNode node = new ObjectMapper().createObjectNode();
        StreamingText.describe(node, broken);
        assertEquals(1863 * MEBI, node.get("peak_bytes").asLong());
        assertFalse(node.get("held").asBoolean());
        assertEquals(
                "[2.5,1887436800,62914560,3145728]", node.get("samples").get(1).toString());
    }
}

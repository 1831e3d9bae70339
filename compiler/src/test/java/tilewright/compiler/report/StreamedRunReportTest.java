package tilewright.compiler.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.w3c.dom.Element;
import tilewright.compiler.report.StreamedRun.Phase;
import tilewright.compiler.report.StreamedRun.Sample;
import tilewright.edge.expert.ExpertUse;
import tilewright.edge.expert.StreamingCounters;
import tilewright.model.InvalidInputException;

/** The page about a run with experts on demand: well-formed, self-contained, complete, small, repeatable. */
class StreamedRunReportTest {
    private static final List<String> SECTIONS =
            List.of("timeline", "experts", "reads", "memory", "figures", "settings");

    private static StreamedRun run(int tokens, int layers, int experts) {
        return InventedRun.of(
                "invented",
                List.of(InventedRun.phase("prefill", 1), InventedRun.phase("decode", tokens)),
                InventedRun.experts(layers, experts));
    }

    private static Page page(StreamedRun run) {
        return Page.parse(StreamedRunReport.render(run));
    }

    private static List<Element> inside(Page page, String section, String style, String element) {
        return page.inSection(section, style).stream()
                .filter(found -> found.getTagName().equals(element))
                .toList();
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 1", "2, 3, 8", "64, 16, 64", "192, 4, 65", "193, 4, 3", "5000, 2, 2"})
    void theSectionsAreWellFormedForAnyRun(int tokens, int layers, int experts) {
        Page page = page(run(tokens, layers, experts));
        assertEquals(
                SECTIONS,
                page.elements("section").stream()
                        .map(section -> section.getAttribute("id"))
                        .toList());
        assertEquals(layers * experts, inside(page, "experts", "h[0-7]", "path").size());
        int present = 0;
        for (int layer = 0; layer < layers; layer++) {
            for (int expert = 0; expert < experts; expert++) {
                present += (layer + expert) % 3 == 0 ? 1 : 0;
            }
        }
        long marks = inside(page, "experts", "present", "path").stream()
                .mapToLong(path ->
                        path.getAttribute("d").chars().filter(c -> c == 'M').count())
                .sum();
        assertEquals(present, marks);
    }

    @Test
    void aRunWithoutTokensSaysSo() {
        Page page = page(InventedRun.of("nothing", List.of(), List.of()));
        assertTrue(page.text().contains("No token went through the model."));
        assertTrue(page.section("experts").contains("No experts were on storage."));
        assertTrue(page.section("reads").contains("Nothing was read from storage."));
        Page idle = page(InventedRun.of("idle", List.of(InventedRun.phase("decode", 0)), List.of()));
        assertTrue(idle.section("timeline").contains("No token went through the model."));
    }

    @Test
    void theHeadlineHasTheFiguresOfTheLastPart() {
        // 20 tokens/s of 50 ms: 40 ms computing, 25 MiB missing at 1000 MiB/s take 25 ms, so the bound is 1 / 40 ms.
        String text = page(run(3, 2, 4)).text();
        for (String figure : List.of(
                "the bound is 25",
                "80 %",
                "set by computing",
                "75 %",
                "guesses brought another 5 %",
                "30 MiB",
                "25 MiB of it needed",
                "10 ms",
                "beside 40 ms of computing",
                "70 %",
                "700 MiB at most, of 1000 MiB")) {
            assertTrue(text.contains(figure), figure);
        }
    }

    @Test
    void theBudgetIsSharedOutWhole() {
        // Code and rest: 650 - 200 - 100 - 250; left: 1000 - 200 - 100 - 100 - 300.
        String memory = page(run(1, 1, 1)).section("memory");
        for (String part : List.of(
                "dense weights 200 MiB",
                "experts 250 MiB",
                "free slots 50 MiB",
                "heap 100 MiB",
                "code and rest 100 MiB",
                "left 300 MiB")) {
            assertTrue(memory.contains(part), part);
        }
    }

    @Test
    void memoryIsDrawnOverTimeBelowTheLineOfTheBudget() {
        Page page = page(run(1, 1, 1));
        assertEquals(1, inside(page, "memory", "budget-line", "line").size());
        assertEquals(1, inside(page, "memory", "ready", "line").size());
        // 1000 MiB of 1080 in a plot of 170 pixels, below a head of 18; 0.5 of 2 seconds.
        Element line = inside(page, "memory", "budget-line", "line").getFirst();
        assertEquals(18 + 170 * (1 - 1000 / 1080.0), Double.parseDouble(line.getAttribute("y1")), 0.01);
        assertEquals("25%", inside(page, "memory", "ready", "line").getFirst().getAttribute("x1"));
        Set<String> titles = page.elements("title").stream()
                .map(title -> title.getTextContent().replace('\u00A0', ' '))
                .collect(Collectors.toSet());
        assertTrue(titles.contains("0 s: 100 MiB: 87 MiB own, 10 MiB files, 3 MiB cached"), titles.toString());
        assertTrue(titles.contains("1 s: 700 MiB: 630 MiB own, 70 MiB files, 0 B cached"), titles.toString());
    }

    @Test
    void aBudgetFarAboveIsSaidAndNotDrawn() {
        MemoryCourse near = InventedRun.course();
        MemoryCourse far = new MemoryCourse(1L << 40, 0, near.samples(), near.peak(), false);
        StreamedRun run = InventedRun.of("x", List.of(InventedRun.phase("decode", 1)), List.of());
        Page page = page(new StreamedRun(
                run.model(),
                run.version(),
                run.settings(),
                run.phases(),
                run.experts(),
                run.memory(),
                far,
                run.notes()));
        assertEquals(List.of(), inside(page, "memory", "budget-line", "line"));
        assertEquals(List.of(), inside(page, "memory", "ready", "line"));
        assertTrue(page.section("memory").contains("budget of 1 TiB, far above"), page.section("memory"));
        assertFalse(page.section("memory").contains("in the system's cache"));
    }

    @Test
    void joinedSamplesKeepTheLargest() {
        List<MemoryCourse.Sample> samples = InventedRun.course().samples();
        List<MemoryCourse.Sample> joined = MemoryPlot.joined(samples, 6);
        assertEquals(6, joined.size());
        assertEquals(700 * InventedRun.MEBI, joined.getLast().total() + 50 * InventedRun.MEBI);
        assertEquals(
                samples.stream().mapToLong(MemoryCourse.Sample::total).max(),
                joined.stream().mapToLong(MemoryCourse.Sample::total).max());
    }

    @Test
    void manyTokensAreJoinedAndNoneIsLost() {
        List<Sample> samples = new ArrayList<>(InventedRun.phase("decode", 1001).samples());
        List<Sample> columns = TimelineSection.columns(samples);
        assertEquals(167, columns.size());
        assertEquals(1001, columns.stream().mapToLong(Sample::tokens).sum());
        assertEquals(
                1001 * 30 * InventedRun.MEBI,
                columns.stream().mapToLong(column -> column.cost().readBytes()).sum());
    }

    @Test
    void aSlowTokenDoesNotHideTheOthers() {
        List<Sample> samples = new ArrayList<>(InventedRun.phase("decode", 9).samples());
        samples.add(new Sample(1, 9.5, new StreamingCounters(16, 100, 0, 0, 100, 1, 1, 0, 0, 0)));
        Phase decode = new Phase("decode", InventedRun.phase("decode", 10).figures(), samples);
        Page page = page(InventedRun.of("slow", List.of(decode), InventedRun.experts(1, 2)));
        assertTrue(page.section("timeline").contains("1 column is cut at the top; the longest is 9.5 s"));
    }

    @Test
    void aTokenThatReadsMuchDoesNotHideTheOthers() {
        List<Sample> samples = new ArrayList<>(InventedRun.phase("decode", 9).samples());
        long much = 900 * InventedRun.MEBI;
        samples.add(new Sample(1, 0.03, new StreamingCounters(16, much, 0, 0, much, 1, 1, 0, 0, 0)));
        Phase decode = new Phase("decode", InventedRun.phase("decode", 10).figures(), samples);
        Page page = page(InventedRun.of("greedy", List.of(decode), InventedRun.experts(1, 2)));
        assertTrue(
                page.section("timeline").contains("1 column is cut at the top of what was read; the most is 900 MiB"));
    }

    @Test
    void everyTokenAndExpertSaysItsNumbersWhenPointedAt() {
        Page page = page(InventedRun.of(
                "x",
                List.of(InventedRun.phase("decode", 2)),
                List.of(new ExpertUse(0, 0, 12, 9, 4, 4096, true), new ExpertUse(0, 1, 0, 0, 0, 0, false))));
        Set<String> titles = page.elements("title").stream()
                .map(title -> title.getTextContent().replace('\u00A0', ' '))
                .collect(Collectors.toSet());
        assertTrue(titles.contains("0: 12 uses, 9 hits, 4 reads"), titles.toString());
        assertTrue(titles.contains("1: 0 uses, 0 hits, 0 reads"), titles.toString());
        assertTrue(titles.contains("layer 0: 4 reads, 4 KiB"), titles.toString());
        assertTrue(
                titles.contains("token 2: 50 ms, 40 ms computing, 10 ms waiting; bound 40 ms; 30 MiB read; 75 % hits,"
                        + " 5 % guessed"),
                titles.toString());
    }

    @Test
    void aLargeModelGivesAPageBelowOneMebibyte() {
        String html = StreamedRunReport.render(run(5000, 48, 128));
        int bytes = html.getBytes(StandardCharsets.UTF_8).length;
        assertTrue(bytes < 1 << 20, bytes + " bytes");
        Page.parse(html);
    }

    @Test
    void nothingIsLoadedAndNothingRuns() {
        String html = StreamedRunReport.render(run(20, 3, 8));
        assertFalse(html.contains("http:") || html.contains("https:") || html.contains("//"), "an address");
        assertFalse(html.contains("url(") || html.contains("@import"), "a style from elsewhere");
        for (Element element : Page.parse(html).elements("*")) {
            assertFalse(Set.of("script", "img", "iframe", "use", "image").contains(element.getTagName()));
            for (int i = 0; i < element.getAttributes().getLength(); i++) {
                String name = element.getAttributes().item(i).getNodeName();
                String value = element.getAttributes().item(i).getNodeValue();
                assertFalse(name.startsWith("on") || name.equals("src"), name);
                assertTrue(!name.equals("href") || value.startsWith("#") || value.equals("data:,"), value);
            }
        }
    }

    @Test
    void aNameThatLooksLikeMarkupIsInert() {
        String evil = "</title><script>alert(1)</script>\" onload=\"x' & ${evil} #foreach";
        String html = StreamedRunReport.render(InventedRun.of(evil, List.of(), List.of()));
        assertFalse(html.contains("<script"));
        assertEquals(evil, Page.parse(html).elements("h1").getFirst().getTextContent());
    }

    @Test
    void theSameDataGivesTheSameBytesInEveryLocale() {
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.ROOT);
            String page = StreamedRunReport.render(run(7, 2, 4));
            Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
            assertEquals(page, StreamedRunReport.render(run(7, 2, 4)));
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void writingReplacesTheFileAndLeavesNothingElse(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("report.html"), "old");
        StreamedRunReport.check(file);
        StreamedRunReport.write(run(1, 1, 2), file);
        assertEquals(StreamedRunReport.render(run(1, 1, 2)), Files.readString(file));
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(List.of(file), files.toList());
        }
    }

    @Test
    void whatCannotBeWrittenIsRefusedBeforeTheRun(@TempDir Path folder) {
        Path missing = folder.resolve("missing").resolve("report.html");
        for (List<String> refused : Arrays.asList(
                List.of(folder.toString(), folder + ": is a folder; name a file for the report"),
                List.of(
                        missing.toString(),
                        missing + ": the report cannot be written there; is " + missing.getParent()
                                + " a writable folder?"))) {
            InvalidInputException e = assertThrows(
                    InvalidInputException.class, () -> StreamedRunReport.check(Path.of(refused.getFirst())));
            assertEquals(refused.getLast(), e.getMessage());
        }
    }
}

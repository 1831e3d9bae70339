package tilewright.compiler.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.w3c.dom.Element;
import tilewright.compiler.report.ReportData.GraphEdge;
import tilewright.compiler.report.ReportData.GraphNode;
import tilewright.compiler.report.ReportData.ModelGraph;
import tilewright.compiler.report.ReportData.NodeKind;
import tilewright.compiler.report.ReportData.Note;
import tilewright.compiler.report.ReportData.Summary;

/** The page as a whole: well-formed, self-contained, inert, complete, repeatable. */
class HtmlReportTest {
    private static final List<String> TASKS = List.of("digit", "edges");

    @ParameterizedTest
    @CsvSource({"1, 2", "2, 4", "6, 16", "12, 3", "13, 64", "24, 8", "48, 65", "48, 256"})
    void theSectionsAreWellFormedForAnySizeOfModel(int blocks, int experts) {
        Page page = Page.of(SyntheticReport.of(blocks, experts, TASKS));
        assertEquals(
                List.of(
                        "model",
                        "time",
                        "resources",
                        "estimate",
                        "agreement",
                        "errors",
                        "router",
                        "calibration",
                        "placement",
                        "plan",
                        "artefacts"),
                page.elements("section").stream()
                        .map(section -> section.getAttribute("id"))
                        .toList());
        assertEquals(blocks + 2, page.inSection("time", "row").size());
        int layers = blocks == 1 ? 1 : blocks / 2;
        assertEquals(
                layers * 2 * experts,
                page.inSection("router", "h[0-7]").stream()
                        .filter(cell -> cell.getTagName().equals("rect"))
                        .count());
    }

    @Test
    void nothingIsLoadedAndNothingRuns() {
        String html = HtmlReport.render(SyntheticReport.of(6, 16, TASKS));
        assertFalse(html.contains("http:") || html.contains("https:") || html.contains("//"), "an address");
        assertFalse(html.contains("url(") || html.contains("@import"), "a style from elsewhere");
        Page page = Page.parse(html);
        Set<String> elements =
                page.elements("*").stream().map(Element::getTagName).collect(Collectors.toSet());
        for (String loading : List.of("script", "img", "iframe", "object", "embed", "use", "image", "foreignObject")) {
            assertFalse(elements.contains(loading), loading);
        }
        for (Element element : page.elements("*")) {
            for (int i = 0; i < element.getAttributes().getLength(); i++) {
                String name = element.getAttributes().item(i).getNodeName();
                String value = element.getAttributes().item(i).getNodeValue();
                assertFalse(name.startsWith("on") || name.equals("src"), name);
                assertTrue(!name.equals("href") || value.startsWith("#") || value.equals("data:,"), value);
            }
        }
        assertTrue(html.contains("content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\""));
    }

    @Test
    void namesThatLookLikeMarkupAreInert() {
        String evil = "</title><script>alert(1)</script>\" onload=\"x' & ${evil} #foreach \u0000";
        ReportData data = named(evil);
        String html = HtmlReport.render(data);
        assertFalse(html.contains("<script"));
        Page page = Page.parse(html);
        String shown = evil.replace('\u0000', '\uFFFD');
        assertEquals(shown, page.elements("h1").getFirst().getTextContent());
        assertEquals(shown + " on " + shown, page.elements("title").getFirst().getTextContent());
        for (Element element : page.elements("*")) {
            assertFalse(element.hasAttribute("onload"));
        }
    }

    @Property(tries = 60)
    void anyTextGivesAWellFormedPage(@ForAll @StringLength(max = 40) String name) {
        Page.of(named(name));
    }

    @Test
    void theSameDataGivesTheSameBytesInEveryLocale() {
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.ROOT);
            String page = HtmlReport.render(SyntheticReport.of(6, 16, TASKS));
            Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
            assertEquals(page, HtmlReport.render(SyntheticReport.of(6, 16, TASKS)));
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void everyNumberGivenAppears() {
        String text = Page.of(SyntheticReport.of(6, 16, TASKS)).text();
        String header = HtmlReport.render(SyntheticReport.of(6, 16, TASKS)).replace("\u202F", "");
        assertTrue(header.contains("title=\"1254321 parameters\""));
        List<String> numbers = List.of(
                // estimate and measurement
                "281137",
                "1.323 ms",
                "755.9",
                "1873411",
                "C (10 to 30 mJ)",
                "61234567",
                "121499",
                "98511",
                "43.22 %",
                "293011",
                // stages
                "2101",
                "3303",
                "4404",
                "30011",
                "47748",
                "49249",
                // resources
                "141207 of 274081",
                "122803 of 548161",
                "2017 of 2521",
                "871 of 913",
                "0 of 0",
                // agreement
                "0 mismatches of 5110",
                "400624",
                "97.66 %",
                "97.46 %",
                "3 changed of 511",
                "211 flips of 153301",
                // errors
                "4.1e-4",
                "0.0021",
                "0.00273",
                "0.0087",
                "1.7e-4",
                // calibration
                "8.25",
                "0.0256",
                "0.0128",
                // placement
                "1311744",
                "153601",
                "73729",
                "24577",
                "9601",
                "9602",
                "1601",
                "257",
                // plan, artefacts
                "212.5 MHz",
                "65",
                "4123",
                "18221",
                "0123456789abcdef".repeat(4));
        for (String number : numbers) {
            assertTrue(text.contains(number), number);
        }
        ReportData data = SyntheticReport.of(6, 16, TASKS);
        data.routerLoad().forEach(load -> load.routings().forEach(count -> assertTrue(text.contains(": " + count))));
        data.calibration().forEach(tensor -> assertTrue(text.contains(tensor.tensor()), tensor.tensor()));
    }

    @Test
    void whatIsMissingIsNamedAndNeverZero() {
        Page page = Page.of(ReportData.of(SyntheticReport.summary("unverified", List.of())));
        assertTrue(page.text().contains("not verified: run tilewright verify DIR"));
        assertTrue(page.section("agreement").contains("not measured: run tilewright verify DIR"));
        assertTrue(page.section("errors").contains("not measured: run tilewright verify DIR --blocks"));
        assertTrue(page.section("calibration").contains("not measured"));
        assertTrue(page.section("estimate").contains("No estimate given."));
        assertFalse(page.text().contains("mismatch"));
        assertFalse(page.text().matches("(?s).*\\b0 .*"), "a zero that nobody measured");
    }

    @Test
    void theDataSurvivesJson() throws IOException {
        ObjectMapper json = new ObjectMapper();
        for (ReportData data :
                List.of(SyntheticReport.of(3, 5, TASKS), ReportData.of(SyntheticReport.summary("bare", List.of())))) {
            assertEquals(data, json.readValue(json.writeValueAsString(data), ReportData.class));
        }
    }

    @Test
    void writingReplacesTheFileAndLeavesNothingElse(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("report.html"), "old");
        ReportData data = SyntheticReport.of(2, 4, TASKS);
        HtmlReport.write(data, file);
        assertEquals(HtmlReport.render(data), Files.readString(file));
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(List.of(file), files.toList());
        }
    }

    @Test
    void aFolderThatDoesNotExistIsNamed(@TempDir Path folder) {
        Path file = folder.resolve("missing").resolve("report.html");
        UncheckedIOException e = assertThrows(
                UncheckedIOException.class,
                () -> HtmlReport.write(ReportData.of(SyntheticReport.summary("x", List.of())), file));
        assertEquals(
                file + ": cannot write the report; is " + file.getParent() + " a writable folder?", e.getMessage());
    }

    private static ReportData named(String name) {
        ReportData sample = SyntheticReport.of(2, 4, List.of(name));
        return new ReportData(
                new Summary(name, name, 1, name, name, 1, 8, List.of(name), name),
                new ModelGraph(
                        List.of(
                                new GraphNode(NodeKind.OTHER, name, name, -1, 0, 0, 0),
                                new GraphNode(NodeKind.HEAD, name + "2", name, -1, 0, 0, 0)),
                        List.of(new GraphEdge(name, name + "2"))),
                sample.estimate(),
                List.of(new ReportData.StageTime(name, 1, 2, 3)),
                List.of(new ReportData.Resource(name, 1, 2)),
                sample.measured(),
                List.of(new ReportData.BlockError(name, name, 1.0, null)),
                List.of(new ReportData.Calibration(name, 1, 1, name, 1.0)),
                List.of(new ReportData.RouterLoad(name, name, List.of(1L, 0L))),
                List.of(new ReportData.Placement(name, name, 1, name)),
                List.of(new ReportData.Setting(name, name, name)),
                List.of(new ReportData.Artefact(name, 1, name)),
                List.of(new Note(ReportData.Level.WARNING, name)));
    }
}

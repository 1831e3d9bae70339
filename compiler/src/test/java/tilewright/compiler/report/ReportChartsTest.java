package tilewright.compiler.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import tilewright.compiler.report.ReportData.BlockError;
import tilewright.compiler.report.ReportData.Calibration;
import tilewright.compiler.report.ReportData.GraphEdge;
import tilewright.compiler.report.ReportData.GraphNode;
import tilewright.compiler.report.ReportData.Measured;
import tilewright.compiler.report.ReportData.ModelGraph;
import tilewright.compiler.report.ReportData.NodeKind;
import tilewright.compiler.report.ReportData.Resource;
import tilewright.compiler.report.ReportData.RouterLoad;
import tilewright.compiler.report.ReportData.StageTime;
import tilewright.compiler.report.ReportData.TaskResult;

/** What single charts show. */
class ReportChartsTest {
    private static final ReportData BARE = ReportData.of(SyntheticReport.summary("invented", List.of("a", "b")));

    @Test
    void barsAreSharesOfTheLongestStage() {
        Page page = Page.of(with(List.of(new StageTime("s", 100, 400, 500), new StageTime("t", 1000, 250, 1000))));
        List<Element> rows = page.inSection("time", "row");
        assertEquals("10%", width(rows.get(0), "compute"));
        assertEquals("40%", width(rows.get(0), "memory"));
        assertEquals("50%", width(rows.get(0), "span"));
        assertEquals("100%", width(rows.get(1), "compute"));
        assertEquals("25%", width(rows.get(1), "memory"));
    }

    @Test
    void resourcesAreColouredByWhatIsLeft() {
        Page page = Page.of(resources(
                new Resource("LUT", 70, 100),
                new Resource("FF", 71, 100),
                new Resource("DSP", 91, 100),
                new Resource("BRAM", 200, 100),
                new Resource("URAM", 3, 0)));
        List<String> colours = page.inSection("resources", "panel").stream()
                .map(panel -> ((Element) panel.getElementsByTagName("span").item(0)).getAttribute("class"))
                .toList();
        assertEquals(List.of("good", "warn", "bad", "bad", "bad"), colours);
        String text = page.section("resources");
        assertTrue(text.contains("does not fit: BRAM, URAM"), text);
        assertTrue(text.contains("100 too many"), text);
        assertTrue(text.contains("3 too many"), text);
    }

    @Test
    void errorsStandOnALogarithmicScale() {
        Page page = Page.of(errors(
                new BlockError("a", "block0", 1e-4, null),
                new BlockError("a", "block1", 1e-3, null),
                new BlockError("a", "block2", 1e-2, 0.0),
                new BlockError("a", "block3", Double.NaN, Double.POSITIVE_INFINITY)));
        List<Double> heights = page.inSection("errors", "free").stream()
                .filter(element -> element.getTagName().equals("circle"))
                .map(circle -> Double.valueOf(circle.getAttribute("cy")))
                .toList();
        assertEquals(3, heights.size());
        assertEquals(heights.get(0) - heights.get(1), heights.get(1) - heights.get(2), 1e-9);
        assertTrue(heights.get(2) < heights.get(0), "larger errors stand higher");
        Element zero = page.inSection("errors", "forced").stream()
                .filter(element -> element.getTagName().equals("circle"))
                .findFirst()
                .orElseThrow();
        assertTrue(Double.parseDouble(zero.getAttribute("cy")) > heights.get(0), "zero stands below the scale");
        String text = page.section("errors");
        assertTrue(text.contains("not a number") && text.contains("infinite"), text);
        assertTrue(text.contains("not measured: run tilewright verify DIR --blocks"), text);
    }

    @Test
    void heatIsTheMultipleOfTheEvenShare() {
        Page page = Page.of(loads(new RouterLoad("block1", "a", List.of(0L, 10L, 100L, 290L))));
        List<String> heat = page.inSection("router", "h[0-7]").stream()
                .filter(cell -> cell.getTagName().equals("rect"))
                .map(cell -> cell.getAttribute("class"))
                .toList();
        // Shares of the even 100: 0, 0.1, 1, 2.9.
        assertEquals(List.of("h0", "h1", "h4", "h6"), heat);
        assertTrue(page.section("router").contains("block1 \u00B7 a, expert 3: 290 (72.5 %)"));
        assertTrue(page.section("router").contains("2.9\u00D7"));
        assertTrue(page.section("router").startsWith("\nRouter load\n1 of 4 experts"), page.section("router"));
    }

    @Test
    void aLayerThatRoutedNothingSaysSo() {
        String text =
                Page.of(loads(new RouterLoad("block1", "a", List.of(0L, 0L)))).section("router");
        assertTrue(text.contains("expert 0: 0 (no routings)"), text);
    }

    @Test
    void oneMismatchIsEnoughToDiffer() {
        TaskResult exact = new TaskResult("a", 5, 50L, 0L, 0.8, 0.8, 0L, 9L, 0L);
        TaskResult wrong = new TaskResult("b", 5, 50L, 1L, null, null, null, null, null);
        TaskResult unknown = new TaskResult("b", 5, null, null, null, null, null, null, null);
        assertEquals("good verified: C simulation bit-exact on 5 images", verdict(exact));
        assertEquals("bad 1 mismatch between C simulation and integer model", verdict(exact, wrong));
        assertEquals("open 1 of 2 tasks verified: run tilewright verify DIR for the rest", verdict(exact, unknown));
        assertEquals("open not verified: run tilewright verify DIR", verdict(unknown));
        assertEquals("open not verified: run tilewright verify DIR", verdict());
        assertEquals(
                "open 1 of 2 tasks verified: run tilewright verify DIR for the rest",
                state(Verdict.of(measured(exact), List.of("a", "b"))));
        String agreement =
                Page.of(BARE.withVerification(measured(unknown), List.of())).section("agreement");
        assertTrue(agreement.contains("not measured: run tilewright verify DIR"), agreement);
        assertFalse(agreement.contains("0 "), agreement);
        String partly =
                Page.of(BARE.withVerification(measured(exact), List.of())).section("agreement");
        assertTrue(partly.contains("b\nnot measured: run tilewright verify DIR"), partly);
    }

    @Test
    void arrowsStandWhereThereAreEdges() {
        ModelGraph graph = new ModelGraph(
                List.of(
                        new GraphNode(NodeKind.EMBED, "e", "[3]", -1, 0, 0, 0),
                        new GraphNode(NodeKind.ATTENTION, "x", "", 0, 4, 0, 0),
                        new GraphNode(NodeKind.MOE, "y", "", 0, 32, 128, 3),
                        new GraphNode(NodeKind.MLP, "z", "", 1, 32, 0, 0)),
                List.of(new GraphEdge("e", "x"), new GraphEdge("x", "y"), new GraphEdge("e", "z")));
        Page page = Page.of(graph(graph));
        assertEquals(3, page.inSection("model", "step").size());
        assertEquals(1, page.inSection("model", "down").size());
        List<String> arrows = page.inSection("model", "arrow").stream()
                .map(arrow -> arrow.getAttribute("class"))
                .toList();
        assertEquals(List.of("arrow none", "arrow", "arrow none"), arrows);
        String text = page.section("model");
        assertTrue(text.contains("also from e"), text);
        assertTrue(text.contains("128 expertstop-332 wide"), text);
        assertEquals(3, page.inSection("model", "chosen").size());
    }

    @Test
    void aTensorWithoutErrorIsExactAndOneWithoutMeasurementSaysSo() {
        Page page = Page.of(calibration(
                new Calibration("p", 1, 0.5, "min/max", Double.POSITIVE_INFINITY),
                new Calibration("q", 1, 0.5, "min/max", null),
                new Calibration("r", 1, 0.5, "MSE", 31.4)));
        String text = page.section("calibration");
        assertTrue(text.contains("exact") && text.contains("not measured") && text.contains("31.4 dB"), text);
        assertEquals(
                2,
                page.inSection("calibration", "p[0-4]").stream()
                        .filter(bar -> bar.getTagName().equals("rect"))
                        .count());
    }

    private static String verdict(TaskResult... results) {
        Verdict verdict = Verdict.of(measured(results), List.of("a", "b").subList(0, Math.max(1, results.length)));
        return state(verdict);
    }

    private static String state(Verdict verdict) {
        return verdict.state().label() + " " + verdict.text();
    }

    private static Measured measured(TaskResult... results) {
        return new Measured(null, null, null, null, List.of(results));
    }

    private static String width(Element row, String style) {
        for (int i = 0; i < row.getElementsByTagName("rect").getLength(); i++) {
            Element bar = (Element) row.getElementsByTagName("rect").item(i);
            if (bar.getAttribute("class").equals(style)) {
                return bar.getAttribute("width");
            }
        }
        throw new AssertionError("no bar " + style);
    }

    private static ReportData with(List<StageTime> times) {
        return filled(BARE.graph(), times, List.of(), List.of(), List.of());
    }

    private static ReportData resources(Resource... resources) {
        return filled(BARE.graph(), List.of(), List.of(resources), List.of(), List.of());
    }

    private static ReportData errors(BlockError... errors) {
        return BARE.withVerification(null, List.of(errors));
    }

    private static ReportData loads(RouterLoad... loads) {
        return filled(BARE.graph(), List.of(), List.of(), List.of(), List.of(loads));
    }

    private static ReportData graph(ModelGraph graph) {
        return filled(graph, List.of(), List.of(), List.of(), List.of());
    }

    private static ReportData calibration(Calibration... calibration) {
        return filled(BARE.graph(), List.of(), List.of(), List.of(calibration), List.of());
    }

    private static ReportData filled(
            ModelGraph graph,
            List<StageTime> times,
            List<Resource> resources,
            List<Calibration> calibration,
            List<RouterLoad> loads) {
        return new ReportData(
                BARE.summary(),
                graph,
                null,
                times,
                resources,
                null,
                List.of(),
                calibration,
                loads,
                List.of(),
                List.of(),
                List.of(),
                List.of());
    }
}

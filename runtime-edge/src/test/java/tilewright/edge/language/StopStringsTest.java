package tilewright.edge.language;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class StopStringsTest {
    @Example
    void whatMayBeginAStopStringIsHeldBackUntilItIsCertain() {
        StopStrings stops = new StopStrings(List.of("END", "\n\n"));
        assertEquals("a ", stops.append("a E"));
        assertEquals("E", stops.append("E"));
        assertEquals("ENx", stops.append("Nx"));
        assertEquals("", stops.append("\n"));
        assertEquals("\ny", stops.append("yEN"));
        assertEquals("", stops.append("D and more"));
        assertTrue(stops.stopped());
        assertEquals("", stops.append("after"));
        assertEquals("", stops.finish());
    }

    @Property(tries = 500)
    void textIsCutWhereTheFirstStopStringIsCompleteWhateverThePieces(@ForAll long seed) {
        Random random = new Random(seed);
        List<String> stops = List.of(letters(random, 1 + random.nextInt(3)), letters(random, 1 + random.nextInt(3)));
        String text = letters(random, 30);
        StopStrings found = new StopStrings(stops);
        StringBuilder out = new StringBuilder();
        int given = 0;
        while (given < text.length() && !found.stopped()) {
            out.append(found.append(text.substring(given, given + 1)));
            given++;
        }
        out.append(found.finish());
        String expected = text;
        for (int end = 1; end <= text.length() && expected.equals(text); end++) {
            String seen = text.substring(0, end);
            int cut = stops.stream()
                    .filter(seen::endsWith)
                    .mapToInt(stop -> seen.length() - stop.length())
                    .min()
                    .orElse(-1);
            expected = cut < 0 ? text : text.substring(0, cut);
            if (cut >= 0) {
                break;
            }
        }
        assertEquals(expected, out.toString());
    }

    private static String letters(Random random, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append((char) ('a' + random.nextInt(3)));
        }
        return text.toString();
    }
}

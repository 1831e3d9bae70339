package tilewright.edge.language;

import java.util.List;

/** Looks for stop strings in text that arrives in pieces, and holds back what may be the beginning of one. */
final class StopStrings {
    private final List<String> stops;
    private String held = "";
    private boolean stopped;

    StopStrings(List<String> stops) {
        this.stops = stops;
    }

    /** Whether a stop string has appeared. */
    boolean stopped() {
        return stopped;
    }

    /** Takes more text and returns what is certain; once a stop string appears, what is before it and then nothing. */
    String append(String text) {
        if (stopped) {
            return "";
        }
        String all = held + text;
        int first = stops.stream()
                .mapToInt(all::indexOf)
                .filter(at -> at >= 0)
                .min()
                .orElse(-1);
        if (first >= 0) {
            stopped = true;
            held = "";
            return all.substring(0, first);
        }
        int keep = 0;
        for (String stop : stops) {
            for (int length = Math.min(stop.length() - 1, all.length()); length > keep; length--) {
                if (all.endsWith(stop.substring(0, length))) {
                    keep = length;
                }
            }
        }
        held = all.substring(all.length() - keep);
        return all.substring(0, all.length() - keep);
    }

    /** Ends the text and returns what was held back. */
    String finish() {
        String rest = held;
        held = "";
        return rest;
    }
}

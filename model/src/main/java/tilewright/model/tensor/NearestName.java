package tilewright.model.tensor;

import java.util.Collection;
import java.util.Optional;

/** Finds the existing name that a mistyped one was meant to be, for error messages. */
public final class NearestName {
    private static final int MAX_LENGTH = 256;
    private static final int MAX_CANDIDATES = 20_000;

    private NearestName() {}

    /**
     * The candidate with the smallest edit distance to {@code name}, the first of several.
     *
     * @return empty if no candidate shares at least half of its characters with the name, or there are none
     */
    public static Optional<String> of(String name, Collection<String> candidates) {
        String best = null;
        int bestDistance = Integer.MAX_VALUE;
        if (name.length() <= MAX_LENGTH && candidates.size() <= MAX_CANDIDATES) {
            for (String candidate : candidates) {
                int longer = Math.max(name.length(), candidate.length());
                if (candidate.length() > MAX_LENGTH || Math.abs(name.length() - candidate.length()) > longer / 2) {
                    continue;
                }
                int distance = distance(name, candidate);
                if (distance <= longer / 2 && distance < bestDistance) {
                    best = candidate;
                    bestDistance = distance;
                }
            }
        }
        return Optional.ofNullable(best);
    }

    /** A hint to put behind "there is no X 'name'": {@code "; did you mean 'x'?"}, or the empty string. */
    public static String hint(String name, Collection<String> candidates) {
        return of(name, candidates)
                .map(near -> "; did you mean '" + near + "'?")
                .orElse("");
    }

    /** Levenshtein distance, one row at a time. */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int substituted = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(substituted, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}

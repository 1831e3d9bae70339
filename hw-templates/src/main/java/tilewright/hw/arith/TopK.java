package tilewright.hw.arith;

/** Selection of the largest scores, as a streaming comparator chain performs it. */
public final class TopK {
    private TopK() {}

    /**
     * The indices of the largest scores, in descending order; of equal scores the lowest index wins.
     *
     * @param scores at least {@code count} of them
     * @param selected receives {@code selected.length} indices
     */
    public static void select(long[] scores, int[] selected) {
        int filled = 0;
        for (int i = 0; i < scores.length; i++) {
            int place = filled;
            while (place > 0 && scores[i] > scores[selected[place - 1]]) {
                place--;
            }
            if (place < selected.length) {
                filled = Math.min(filled + 1, selected.length);
                System.arraycopy(selected, place, selected, place + 1, filled - place - 1);
                selected[place] = i;
            }
        }
    }
}

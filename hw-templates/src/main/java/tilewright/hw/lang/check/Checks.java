package tilewright.hw.lang.check;

import java.util.ArrayList;
import java.util.List;
import tilewright.hw.lang.design.Design;
import tilewright.hw.lang.design.Finding;
import tilewright.hw.lang.design.FlatDesign;
import tilewright.hw.lang.design.Flattening;

/** The rules that only a whole design can be held to. */
public final class Checks {
    private Checks() {}

    /** What is wrong, or doubtful, with a design; rule by rule. */
    public static List<Finding> of(Design design) {
        FlatDesign unusedYet = Flattening.unsorted(design);
        List<Finding> findings = new ArrayList<>();
        return findings;
    }
}

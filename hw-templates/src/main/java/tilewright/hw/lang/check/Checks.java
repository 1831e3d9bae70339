package tilewright.hw.lang.check;

import java.util.ArrayList;
import java.util.List;
import tilewright.hw.lang.design.Design;
import tilewright.hw.lang.design.Finding;
import tilewright.hw.lang.design.Flattening;
import tilewright.hw.lang.design.Module;

/** The rules that only a whole design can be held to. */
public final class Checks {
    private Checks() {}

    /** What is wrong, or doubtful, with a design; rule by rule. */
    public static List<Finding> of(Design design) {
        Module flat = Flattening.unsorted(design).module();
        Dependencies dependencies = new Dependencies(flat);
        String top = design.top().component();
        List<Finding> findings = new ArrayList<>(CombinationalLoops.of(dependencies, top));
        if (findings.isEmpty()) {
            findings.addAll(ClockCrossings.of(dependencies, top));
            findings.addAll(Handshakes.of(dependencies, top));
        }
        findings.addAll(UnusedInputs.of(design));
        return findings;
    }
}

package tilewright.hw.lang;

import java.util.List;
import java.util.stream.Collectors;
import tilewright.hw.lang.design.Finding;
import tilewright.hw.lang.design.SourceLocation;

/** A design that is not legal. Its message has one line per finding: place, path, rule, what is wrong and the way out. */
public final class InvalidDesignException extends RuntimeException {
    private static final long serialVersionUID = 1;
    /** How many findings the message shows. */
    private static final int SHOWN = 20;

    private final transient List<Finding> findings;

    /** What the checks found. */
    InvalidDesignException(List<Finding> findings) {
        super(text(findings));
        this.findings = List.copyOf(findings);
    }

    /** A mistake after which construction cannot go on. */
    InvalidDesignException(SourceLocation at, String message) {
        this(List.of(new Finding(Finding.Rule.STRUCTURE, at, ModuleBuilder.pathSoFar(), message)));
    }

    private static String text(List<Finding> findings) {
        String lines = findings.stream().limit(SHOWN).map(Finding::toString).collect(Collectors.joining("\n"));
        return findings.size() <= SHOWN ? lines : lines + "\nand " + (findings.size() - SHOWN) + " more";
    }

    /** What the checks found, never empty. */
    public List<Finding> findings() {
        return findings;
    }
}

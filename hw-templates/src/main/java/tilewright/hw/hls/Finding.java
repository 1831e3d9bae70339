package tilewright.hw.hls;

/**
 * Something the {@link PragmaLinter} objects to.
 *
 * @param file the name of the file as it was given
 * @param line the line, from 1
 * @param severity whether the HLS tool would refuse or misread it
 * @param message one line: the directive, what is wrong with it and the way out
 */
public record Finding(String file, int line, Severity severity, String message) {
    /** How bad a finding is. */
    public enum Severity {
        /** The HLS tool would refuse it, ignore it, or do something else than it says. */
        ERROR,
        /** Legal, but repeated or contradicting something else. */
        WARNING
    }

    /** {@code file:line: severity: message}, as compilers print it. */
    @Override
    public String toString() {
        return "%s:%d: %s: %s".formatted(file, line, severity == Severity.ERROR ? "error" : "warning", message);
    }
}

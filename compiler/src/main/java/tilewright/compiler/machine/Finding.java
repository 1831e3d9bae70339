package tilewright.compiler.machine;

/**
 * One thing seen of the machine.
 *
 * @param topic what was looked at
 * @param value what is there
 * @param advice what to do about it, or null when it costs no speed
 */
public record Finding(String topic, String value, String advice) {
    /** All is well. */
    static Finding fine(String topic, String value) {
        return new Finding(topic, value, null);
    }

    /** Whether it costs speed. */
    public boolean costs() {
        return advice != null;
    }
}

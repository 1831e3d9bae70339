package tilewright.hw.lang.design;

/** Where the author wrote something: a Java file's name (without folder) and a line, counted from 1. */
public record SourceLocation(String file, int line) {
    /** As an editor understands it, {@code Counter.java:12}. */
    @Override
    public String toString() {
        return file + ":" + line;
    }
}

package tilewright.compiler;

/**
 * Hears how far long work has come; whoever started the work decides how to show it.
 *
 * <p>Work of one kind is reported under one name: {@code update("calibrate", 12, 64)}. It begins with its first report and
 * is over when {@code done} reaches {@code total} or another name is reported. Implementations are cheap enough to be
 * called per image, and safe for use by several threads.
 */
@FunctionalInterface
public interface Progress {
    /** Listens to nothing. */
    Progress NONE = (what, done, total) -> {};

    /**
     * Reports that {@code done} of {@code total} steps are done.
     *
     * @param what the work in a few lower-case words, such as {@code "calibrate"}
     * @param done from 0 to {@code total}
     * @param total at least 1
     */
    void update(String what, long done, long total);
}

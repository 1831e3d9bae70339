package tilewright.hw.lang;

/**
 * A clock with its reset. A component has one of its own, whose ports are {@code clock} and {@code reset}; others are
 * made with {@link #of} and handed to the components that use them, whose ports are then {@code name_clock} and
 * {@code name_reset}. Edges rise, resets are active high.
 */
public final class ClockDomain {
    private final String name;
    private final boolean asynchronous;
    private final boolean local;

    private ClockDomain(String name, boolean asynchronous, boolean local) {
        this.name = name;
        this.asynchronous = asynchronous;
        this.local = local;
    }

    /** A domain with synchronous reset. */
    public static ClockDomain of(String name) {
        return new ClockDomain(checked(name), false, false);
    }

    /** A domain whose reset acts at once, without a clock's edge. */
    public static ClockDomain withAsynchronousReset(String name) {
        return new ClockDomain(checked(name), true, false);
    }

    private static String checked(String name) {
        Keywords.objection(name).ifPresent(why -> {
            throw new InvalidDesignException(Author.here(), "clock domain " + why);
        });
        if (name.equals("clock")) {
            throw new InvalidDesignException(
                    Author.here(), "clock domain 'clock' is every component's own; choose another name");
        }
        return name;
    }

    /** The domain that a component's parent chooses. */
    static ClockDomain local(boolean asynchronous) {
        return new ClockDomain("clock", asynchronous, true);
    }

    /** Its name; {@code "clock"} for a component's own. */
    public String name() {
        return name;
    }

    boolean asynchronous() {
        return asynchronous;
    }

    String clockPort() {
        return local ? "clock" : name + "_clock";
    }

    String resetPort() {
        return local ? "reset" : name + "_reset";
    }

    @Override
    public String toString() {
        return name;
    }
}

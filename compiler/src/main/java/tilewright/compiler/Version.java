package tilewright.compiler;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** The version of this compiler. */
public final class Version {
    private Version() {}

    /** The version, such as {@code 0.1.0}, as the build recorded it. */
    public static String current() {
        Properties properties = new Properties();
        try (InputStream stream = Version.class.getResourceAsStream("version.properties")) {
            properties.load(stream);
        } catch (IOException e) {
            throw new UncheckedIOException("version.properties is unreadable", e);
        }
        return properties.getProperty("version");
    }
}

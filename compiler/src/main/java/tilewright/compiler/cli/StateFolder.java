package tilewright.compiler.cli;

import java.nio.file.Path;

/** Where Tilewright keeps what outlives a command: logs. Nothing is kept anywhere else. */
final class StateFolder {
    private StateFolder() {}

    /**
     * The folder: system property {@code tilewright.home}, else environment variable {@code TILEWRIGHT_HOME}, else
     * {@code ~/.tilewright}. It may not exist.
     */
    static Path path() {
        String given = System.getProperty("tilewright.home", System.getenv("TILEWRIGHT_HOME"));
        return given == null || given.isBlank()
                ? Path.of(System.getProperty("user.home"), ".tilewright")
                : Path.of(given);
    }
}

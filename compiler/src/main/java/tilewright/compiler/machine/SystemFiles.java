package tilewright.compiler.machine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What the operating system tells through files ({@code /proc}, {@code /sys}, {@code /etc}); nothing where there are none.
 *
 * @param root usually {@code /}
 */
public record SystemFiles(Path root) {
    /** The text of a file named from the root, without its line end; empty when it cannot be read. */
    Optional<String> text(String name) {
        try {
            return Optional.of(new String(Files.readAllBytes(root.resolve(name)), StandardCharsets.UTF_8).strip());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** What follows {@code key} and a colon on the first line of the file that begins with it. */
    Optional<String> field(String name, String key) {
        return text(name)
                .flatMap(text -> text.lines()
                        .filter(line -> line.startsWith(key))
                        .map(line -> line.substring(key.length()).strip())
                        .filter(rest -> rest.startsWith(":"))
                        .map(rest -> rest.substring(1).strip())
                        .findFirst());
    }

    /** A field in kibibytes, as {@code /proc/meminfo} has them, in bytes. */
    OptionalLong bytes(String name, String key) {
        return field(name, key)
                .map(value -> value.split("\\s+")[0])
                .filter(value -> value.matches("\\d{1,15}"))
                .map(value -> OptionalLong.of(Long.parseLong(value) * 1024))
                .orElse(OptionalLong.empty());
    }
}

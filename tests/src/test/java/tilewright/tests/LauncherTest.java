package tilewright.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code bin/tilewright} makes of a budget before the JVM starts. */
class LauncherTest {
    private static final Pattern FUNCTION =
            Pattern.compile("^budget_heap\\(\\) \\{$.*?^\\}$", Pattern.MULTILINE | Pattern.DOTALL);
    private static final Pattern PROFILE =
            Pattern.compile("^ *profile\\) memory=\\S+ (.*) && budget_heap", Pattern.MULTILINE);
    private static final Pattern PLAN =
            Pattern.compile("^ *plan\\)\\s+(memory=\\(.*?\\)) && budget_heap", Pattern.MULTILINE | Pattern.DOTALL);
    private static final Pattern HEAP = Pattern.compile("-Xmx(\\S*)");

    /** The flags that the launcher's function chooses for these arguments. */
    private static String flags(String... arguments) throws IOException, InterruptedException {
        return flagsWith("", arguments);
    }

    /** As above, after shell text that sets what a command sets before. */
    private static String flagsWith(String settings, String... arguments) throws IOException, InterruptedException {
        Path bash = Path.of("/bin/bash");
        assumeTrue(Files.isExecutable(bash), "there is no " + bash);
        Matcher function =
                FUNCTION.matcher(Files.readString(Tilewright.checkout().resolve("bin/tilewright")));
        assertTrue(function.find());
        String[] command = new String[arguments.length + 4];
        command[0] = bash.toString();
        command[1] = "-c";
        command[2] = "memory=(-Xms64m)\n" + settings + "\n" + function.group()
                + "\nbudget_heap \"$@\"; echo \"${memory[@]}\"";
        command[3] = "tilewright";
        System.arraycopy(arguments, 0, command, 4, arguments.length);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), printed);
        return printed.strip();
    }

    /** The JVM's flags for a profile within a budget. */
    static List<String> profileFlags(String budget) throws IOException, InterruptedException {
        Matcher line = PROFILE.matcher(Files.readString(Tilewright.checkout().resolve("bin/tilewright")));
        assertTrue(line.find());
        return List.of(flagsWith(line.group(1).strip() + ";", "profile", "--memory", budget)
                .split(" "));
    }

    /** The JVM's flags for {@code plan} without a budget. */
    static List<String> planFlags() throws IOException, InterruptedException {
        Matcher line = PLAN.matcher(Files.readString(Tilewright.checkout().resolve("bin/tilewright")));
        assertTrue(line.find());
        return List.of(flagsWith(line.group(1), "plan").split(" "));
    }

    /** The JVM's flags for a run within a budget. */
    static List<String> runFlags(String budget) throws IOException, InterruptedException {
        return List.of(flags("run", "--memory", budget).split(" "));
    }

    private static String heap(String size) throws IOException, InterruptedException {
        Matcher heap = HEAP.matcher(flags("model", "--memory", size));
        assertTrue(heap.find(), size);
        return heap.group(1);
    }

    @ParameterizedTest
    @CsvSource({
        "3GiB, 768m",
        "2.5g, 640m",
        "1500MiB, 375m",
        "' 4 GB ', 1024m",
        "1073741824, 256m",
        "300MiB, 256m",
        "1tib, 4096m"
    })
    void theHeapIsAQuarterOfTheBudgetWithinLimits(String size, String heap) throws Exception {
        assertEquals(heap, heap(size));
    }

    @ParameterizedTest
    @CsvSource({"NaN", "nan", "Infinity", "-1GiB", "1e999", "0x10", "much", "1.5.5G", "3 GiB of it"})
    void whatIsNoSizeStartsTheJvmWhichThenNamesIt(String size) throws Exception {
        assertEquals("256m", heap(size));
    }

    @Test
    void withoutABudgetTheFlagsStayAsTheyAre() throws Exception {
        assertEquals("-Xms64m", flags("model", "--prompt", "memory"));
    }
}

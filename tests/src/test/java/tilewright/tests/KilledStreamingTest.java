package tilewright.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tilewright.compiler.cli.Main;
import tilewright.compiler.cli.language.ExpertFiles;
import tilewright.edge.expert.StreamedExperts;
import tilewright.edge.expert.StreamingOptions;
import tilewright.edge.language.Chunk;
import tilewright.edge.language.EngineOptions;
import tilewright.edge.language.LanguageEngine;
import tilewright.edge.language.Sequence;
import tilewright.edge.matrix.ActivationPrecision;
import tilewright.edge.store.ExpertStore;
import tilewright.edge.store.ResidentRecords;
import tilewright.model.family.language.LanguageModels;
import tilewright.model.family.language.LoadedLanguageModel;
import tilewright.model.store.StoreManifest;
import tilewright.tests.Tilewright.Result;

/**
 * Processes that are killed at random moments while they read experts on demand or keep heat for the next run, which then starts
 * without complaint and gives the tokens of the model in memory; {@code -Dtilewright.kills=200} makes a long run.
 */
class KilledStreamingTest {
    private static final int KILLS = Integer.getInteger("tilewright.kills", 4);
    private static final int COMMAND_KILLS = Math.max(2, KILLS / 5);
    private static final long SEED = Long.getLong("tilewright.kills.seed", 1);
    private static final int[] PROMPT = {17, 3, 801, 44, 5, 260, 77, 9};
    private static final int TOKENS = 24;

    @TempDir
    static Path folder;

    private static Path store;

    @BeforeAll
    static void pack() {
        store = folder.resolve("store");
        Result result = Tilewright.run("pack", model(), "--bits", 4, "-o", store);
        assertEquals(0, result.status(), result.err());
    }

    private static Path model() {
        return Tilewright.checkout().resolve("examples/moe-lm");
    }

    /** The likeliest tokens after the prompt, one by one. */
    private static void generate(LanguageEngine engine, IntConsumer listener) {
        try (Sequence sequence = engine.newSequence()) {
            int[] next = PROMPT;
            for (int i = 0; i < TOKENS; i++) {
                float[] logits = engine.step(Chunk.last(sequence, next)).data();
                int best = 0;
                for (int id = 1; id < engine.vocabularySize(); id++) {
                    best = logits[id] > logits[best] ? id : best;
                }
                listener.accept(best);
                next = new int[] {best};
            }
        }
    }

    /** Where there are kernels in C, 8-bit activations use them, and a process needs no time to become fast. */
    private static EngineOptions options() {
        return EngineOptions.defaults().withActivations(ActivationPrecision.INT8);
    }

    private static int[] resident(Path path) {
        List<Integer> tokens = new ArrayList<>();
        try (LoadedLanguageModel model = LanguageModels.load(path)) {
            EngineOptions options = options();
            if (StoreManifest.is(path)) {
                try (ExpertStore records = ExpertStore.open(path);
                        LanguageEngine engine = LanguageEngine.load(
                                model, options.withExperts(new ResidentRecords(records, path.toString())))) {
                    generate(engine, tokens::add);
                }
            } else {
                try (LanguageEngine engine = LanguageEngine.load(model, options)) {
                    generate(engine, tokens::add);
                }
            }
        }
        return tokens.stream().mapToInt(Integer::intValue).toArray();
    }

    /** One run within a random budget, with random lanes, guesses and threads. */
    private static void stream(Path path, Path heat, Random random, IntConsumer listener, Consumer<String> notices) {
        try (LoadedLanguageModel model = LanguageModels.load(path);
                StreamedExperts experts = new StreamedExperts(
                        model.graph(),
                        ExpertFiles.of(path, model, notices),
                        new StreamingOptions(random.nextInt(9), random.nextBoolean()));
                LanguageEngine engine = LanguageEngine.load(
                        model, options().withThreads(1 + random.nextInt(2)).withExperts(experts))) {
            long span = experts.mostBytes() - experts.leastBytes();
            experts.start(experts.leastBytes() + random.nextLong(span + 1));
            experts.warmStart(heat, notices);
            generate(engine, listener);
        }
    }

    /** Runs again and again until it is killed; says each token, notice and end. */
    static final class Streamer {
        private Streamer() {}

        /** Arguments: the model, the file for its heat, a seed. */
        public static void main(String[] arguments) {
            Random random = new Random(Long.parseLong(arguments[2]));
            while (true) {
                stream(
                        Path.of(arguments[0]),
                        Path.of(arguments[1]),
                        random,
                        id -> say("token " + id),
                        notice -> say("notice " + notice));
                say("end");
            }
        }

        private static void say(String line) {
            System.out.print(line + "\n");
            if (System.out.checkError()) {
                // Nobody listens any more.
                Runtime.getRuntime().halt(1);
            }
        }
    }

    private static ProcessBuilder java(Object... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules",
                "jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx128m",
                "-cp",
                System.getProperty("java.class.path")));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
    }

    /** What a killed process said, checked: the tokens of the model in memory, as far as it came, and no notice. */
    private static int checked(BufferedReader said, int[] expected, String what) throws IOException {
        int place = 0;
        int lines = 0;
        for (String line = said.readLine(); line != null; line = said.readLine()) {
            String wanted = place == TOKENS ? "end" : "token " + expected[place];
            assertEquals(wanted, line, what + ", token " + place);
            place = (place + 1) % (TOKENS + 1);
            lines++;
        }
        return lines;
    }

    @Test
    void theRunAfterAKilledOneStartsAndGivesTheTokensOfTheModelInMemory() throws IOException, InterruptedException {
        Random random = new Random(SEED);
        Path[] models = {store, model()};
        Path[] heats = {folder.resolve("store.heat"), folder.resolve("model.heat")};
        int[][] expected = {resident(models[0]), resident(models[1])};
        long startMicros = 1_000_000;
        int[] moments = new int[3];
        for (int kill = 0; kill < KILLS; kill++) {
            int which = kill % 2;
            String what = "seed " + SEED + ", kill " + kill + ", " + models[which].getFileName();
            Process process = java(Streamer.class.getName(), models[which], heats[which], random.nextLong())
                    .start();
            // While the process starts, between any two tokens, or while it ends a run, which keeps heat.
            int moment = random.nextInt(3);
            int lines = switch (moment) {
                case 0 -> 0;
                case 1 -> 1 + random.nextInt(3 * (TOKENS + 1));
                default -> TOKENS + random.nextInt(3) * (TOKENS + 1);
            };
            long begin = System.nanoTime();
            StringBuilder said = new StringBuilder();
            for (int line = 0; line < lines; line++) {
                for (int c = process.getInputStream().read();
                        c >= 0;
                        c = process.getInputStream().read()) {
                    said.append((char) c);
                    if (c == '\n') {
                        break;
                    }
                }
                startMicros = line == 0 ? (System.nanoTime() - begin) / 1000 : startMicros;
            }
            long most = moment == 0 ? startMicros : moment == 1 ? 10_000 : 4_000;
            process.waitFor(random.nextLong(most), TimeUnit.MICROSECONDS);
            // The process's own would close the stream that holds what it said.
            process.toHandle().destroyForcibly();
            said.append(new String(process.getInputStream().readAllBytes()));
            process.waitFor();
            int found = checked(new BufferedReader(new StringReader(said.toString())), expected[which], what);
            assertTrue(found >= lines, what + ": said only\n" + said);
            moments[found == 0 ? 0 : stray() ? 2 : 1]++;
            List<Integer> tokens = new ArrayList<>();
            List<String> notices = new ArrayList<>();
            stream(models[which], heats[which], random, tokens::add, notices::add);
            assertEquals(List.of(), notices, what);
            assertEquals(Arrays.stream(expected[which]).boxed().toList(), tokens, what);
            assertTrue(Files.exists(heats[which]), what);
        }
        System.out.println(KILLS + " kills: " + moments[0] + " before the first token, " + moments[1]
                + " while streaming, " + moments[2] + " in the middle of a file of heat");
    }

    private static boolean stray() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.anyMatch(file -> file.getFileName().toString().endsWith(".partial"));
        }
    }

    @Test
    void theCommandAfterAKilledOneGivesTheTextWithoutABudget() throws IOException, InterruptedException {
        Random random = new Random(SEED);
        Object[] command = {"run", store, "--prompt", "First Citizen:", "-n", 30, "--temperature", 0};
        Result exact = Tilewright.run(command);
        assertEquals(0, exact.status(), exact.err());
        Path home = Files.createDirectories(folder.resolve("home"));
        Path kernels = Path.of(System.getProperty("user.home"), ".tilewright", "cache");
        if (Files.isDirectory(kernels)) {
            // Kernels that were compiled before need not be compiled again.
            Files.createSymbolicLink(home.resolve("cache"), kernels);
        }
        List<Object> arguments = new ArrayList<>(List.of("-Dtilewright.home=" + home, Main.class.getName()));
        arguments.addAll(List.of(command));
        arguments.addAll(List.of("--memory", "500MiB"));
        for (int kill = 0; kill < COMMAND_KILLS; kill++) {
            Process process = java(arguments.toArray()).start();
            // Anywhere in the text, or behind it, where heat is kept.
            int wanted = kill % 2 == 0
                    ? exact.out().length()
                    : random.nextInt(exact.out().length());
            StringBuilder text = new StringBuilder();
            for (int c = 0; text.length() < wanted && c >= 0; ) {
                c = process.getInputStream().read();
                text.append(c < 0 ? "" : (char) c);
            }
            process.waitFor(random.nextLong(30_000), TimeUnit.MICROSECONDS);
            process.toHandle().destroyForcibly();
            text.append(new String(process.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1));
            process.waitFor();
            assertTrue(text.length() >= wanted && exact.out().startsWith(text.toString()), text.toString());
            Result next = again(home, command);
            assertEquals(0, next.status(), next.err());
            assertEquals(exact.out(), next.out());
            assertTrue(!next.err().contains("damaged") && !next.err().contains("cannot"), next.err());
        }
        Files.deleteIfExists(home.resolve("cache"));
    }

    private static Result again(Path home, Object[] command) {
        String before = System.getProperty("tilewright.home");
        System.setProperty("tilewright.home", home.toString());
        try {
            List<Object> arguments = new ArrayList<>(List.of(command));
            arguments.addAll(List.of("--memory", "64GiB"));
            return Tilewright.run(arguments.toArray());
        } finally {
            if (before == null) {
                System.clearProperty("tilewright.home");
            } else {
                System.setProperty("tilewright.home", before);
            }
        }
    }
}

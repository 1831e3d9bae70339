package tilewright.hw.hls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("cpp")
class StandInTest {
    private static final BigInteger WORD = BigInteger.ONE.shiftLeft(128);

    @TempDir
    Path folder;

    /** One line of the self-test: a has {@code width} bits, b has {@code 37 width mod 128 + 1}. */
    private record Line(int width, int signs, BigInteger a, BigInteger b, int shift, int high, int low) {
        String input() {
            String hex = "%032x %032x".formatted(a, b);
            return "%d %d %s %d %d %d\n".formatted(width, signs, hex, shift, high, low);
        }

        /** What ap_int and ap_uint give by their definition, in exact integers. */
        String expected() {
            boolean sa = (signs & 1) != 0;
            boolean sb = (signs & 2) != 0;
            boolean either = sa || sb;
            int wb = 37 * width % 128 + 1;
            BigInteger x = wrap(a, width, sa);
            BigInteger y = wrap(b, wb, sb);
            int common = Math.max(width + (sb && !sa ? 1 : 0), wb + (sa && !sb ? 1 : 0));
            StringBuilder out = new StringBuilder();
            put(out, x, width, sa);
            put(out, y, wb, sb);
            put(out, x.add(y), common + 1, either);
            put(out, x.subtract(y), common + 1, true);
            put(out, x.multiply(y), width + wb, either);
            put(out, x.and(y), common, either);
            put(out, x.or(y), common, either);
            put(out, x.xor(y), common, either);
            if (y.signum() == 0) {
                out.append(" zero zero zero zero");
            } else {
                put(out, x.divide(y), width + (sb ? 1 : 0), either);
                put(out, x.remainder(y), Math.min(width, wb + (!sb && sa ? 1 : 0)), sa);
            }
            BigInteger left = shift < 0 ? x.shiftRight(-shift) : x.shiftLeft(shift);
            BigInteger right = shift < 0 ? x.shiftLeft(-shift) : x.shiftRight(shift);
            BigInteger range = x.shiftRight(low).mod(BigInteger.ONE.shiftLeft(high - low + 1));
            put(out, x.not(), width, sa);
            put(out, x.negate(), Math.max(1 + (sa ? 1 : 0), width) + 1, true);
            put(out, left, width, sa);
            put(out, right, width, sa);
            put(out, left, width, sa);
            put(out, range, width, false);
            put(out, x.testBit(low) ? BigInteger.ONE : BigInteger.ZERO, 1, false);
            int order = x.compareTo(y);
            out.append(' ');
            for (boolean holds : new boolean[] {order < 0, order <= 0, order == 0, order != 0, order > 0, order >= 0}) {
                out.append(holds ? '1' : '0');
            }
            for (BigInteger v : List.of(
                    y,
                    x.add(y),
                    x.subtract(y),
                    x.multiply(y),
                    x.add(BigInteger.ONE),
                    x.subtract(BigInteger.ONE),
                    x.add(BigInteger.ONE),
                    x.and(y),
                    x.or(y),
                    x.xor(y),
                    left,
                    right,
                    replaced(x, y),
                    y.testBit(0) ? x.setBit(high) : x.clearBit(high))) {
                put(out, v, width, sa);
            }
            put(out, range, wb, sb);
            return out.toString();
        }

        private BigInteger replaced(BigInteger x, BigInteger y) {
            BigInteger result = x;
            for (int bit = low; bit <= high; bit++) {
                result = y.testBit(bit - low) ? result.setBit(bit) : result.clearBit(bit);
            }
            return result;
        }

        private static void put(StringBuilder out, BigInteger exact, int width, boolean signed) {
            int held = Math.min(width, 128);
            out.append(" %d%c %032x"
                    .formatted(
                            held, signed ? 's' : 'u', wrap(exact, held, signed).mod(WORD)));
        }

        private static BigInteger wrap(BigInteger v, int width, boolean signed) {
            BigInteger low = v.mod(BigInteger.ONE.shiftLeft(width));
            return signed && low.testBit(width - 1) ? low.subtract(BigInteger.ONE.shiftLeft(width)) : low;
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"g++", "clang++"})
    void everyOperationOfEveryWidthGivesTheExactResultWrappedToItsWidth(String compiler) throws Exception {
        long seed = 20260101;
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        List<Line> lines = new ArrayList<>();
        for (int width = 1; width <= 128; width++) {
            for (int signs = 0; signs < 4; signs++) {
                if ((width < 8 || Integer.bitCount(width) != 1) && width % 4 != signs) {
                    continue;
                }
                for (int i = 0; i < 12; i++) {
                    int low = random.nextInt(width);
                    int high = low + random.nextInt(width - low);
                    int shift = random.nextInt(2 * width + 5) - width - 2;
                    lines.add(new Line(width, signs, word(random, width), word(random, width), shift, high, low));
                }
            }
        }
        Path program = compile(compiler, resource("selftest.cpp"), "-O1");
        StringBuilder input = new StringBuilder();
        lines.forEach(line -> input.append(line.input()));
        Output output = run(input.toString(), program.toString());
        assertEquals(0, output.exitCode(), output.text());
        List<String> results = output.text().lines().toList();
        assertEquals(lines.size(), results.size());
        for (int i = 0; i < results.size(); i++) {
            Line line = lines.get(i);
            assertEquals(
                    Arrays.asList(line.expected().split(" ")),
                    Arrays.asList(results.get(i).split(" ")),
                    () -> "of " + line + " seed " + seed);
        }
    }

    /** Random bits, or one of the values where things go wrong: 0, 1, -1, the largest and the least of the width. */
    private static BigInteger word(Random random, int width) {
        return switch (random.nextInt(8)) {
            case 0 -> BigInteger.ZERO;
            case 1 -> BigInteger.ONE;
            case 2 -> WORD.subtract(BigInteger.ONE);
            case 3 -> BigInteger.ONE.shiftLeft(width - 1);
            case 4 -> BigInteger.ONE.shiftLeft(width - 1).subtract(BigInteger.ONE);
            default -> new BigInteger(128, random);
        };
    }

    @ParameterizedTest
    @ValueSource(strings = {"g++", "clang++"})
    void streamsAreFirstInFirstOutAndReportTheirHighWaterMark(String compiler) throws Exception {
        Path program = compile(compiler, """
                #include "hls_stream.h"
                int main() {
                    {
                        hls::stream<int, 4> values("values");
                        int got = 0;
                        for (int round = 0; round < 3; round++) {
                            for (int i = 0; i < 40; i++) {
                                values.write(i);
                            }
                            for (int i = 0; i < 40; i++) {
                                std::printf(values.read() == i && values.empty() == (i == 39) ? "." : "wrong");
                            }
                        }
                        std::printf("%d%d", values.read_nb(got), values.full());
                        values << 7;
                        values >> got;
                        std::printf("%d\\n", got);
                    }
                    hls::report_streams(stdout);
                    return 0;
                }
                """, "-O2");
        Output output = run("", program.toString());
        assertEquals(".".repeat(120) + "007\nstream values high_water 40 depth 4 writes 121\n", output.text());
        assertEquals(0, output.exitCode());
    }

    @Test
    void readingAnEmptyStreamEndsTheProgramWithTheNameOfTheStream() throws Exception {
        Path program = compile(anyCompiler(), """
                #include "hls_stream.h"
                int main() {
                    hls::stream<int> queue("expert_queue");
                    queue.write(1);
                    return queue.read() + queue.read();
                }
                """, "-O0");
        Output output = run("", program.toString());
        assertEquals(
                "hls::stream 'expert_queue': read while empty, after 1 values; hardware would hang here\n",
                output.text());
        assertEquals(3, output.exitCode());
    }

    @Test
    void aWidthBeyond128BitsDoesNotCompileAndSaysSo() throws Exception {
        Path source = Files.writeString(folder.resolve("wide.cpp"), "#include \"ap_int.h\"\nap_int<129> word;\n");
        StandIn.writeTo(folder);
        Output output = run("", anyCompiler(), "-std=c++17", "-c", source.toString(), "-o", folder + "/wide.o");
        assertTrue(output.text().contains("have 1 to 128 bits: split a wider word"), output.text());
        assertEquals(1, output.exitCode());
    }

    private Path compile(String compiler, String source, String optimisation) throws Exception {
        assumeTrue(exists(compiler), compiler + " is not installed");
        StandIn.writeTo(folder);
        Path file = Files.writeString(folder.resolve("program.cpp"), source);
        Path program = folder.resolve("program");
        Output output = run(
                "",
                compiler,
                "-std=c++17",
                optimisation,
                "-Wall",
                "-Wextra",
                "-Werror",
                file.toString(),
                "-o",
                program.toString());
        assertEquals(0, output.exitCode(), output.text());
        return program;
    }

    private static String anyCompiler() {
        List<String> found =
                List.of("clang++", "g++").stream().filter(StandInTest::exists).toList();
        assumeTrue(!found.isEmpty(), "no C++ compiler is installed");
        return found.getFirst();
    }

    private static boolean exists(String compiler) {
        return Arrays.stream(System.getenv("PATH").split(java.io.File.pathSeparator))
                .anyMatch(bin -> Files.isExecutable(Path.of(bin, compiler)));
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = StandInTest.class.getResourceAsStream("/tilewright/hls/standin/" + name)) {
            return new String(in.readAllBytes());
        }
    }

    private record Output(int exitCode, String text) {}

    private Output run(String input, String... command) throws Exception {
        Path in = Files.writeString(folder.resolve("input.txt"), input);
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(in.toFile())
                .start();
        String text = new String(process.getInputStream().readAllBytes());
        return new Output(process.waitFor(), text);
    }
}

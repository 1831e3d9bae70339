package tilewright.hw.hls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PragmaLinterTest {
    /** A function with one array and one labelled loop; the arguments stand at line 4 and, inside the loop, at line 6. */
    private static String kernel(String inFunction, String inLoop) {
        return """
                constexpr int N = 16, TILE = N / 2;
                int sum(const ap_int<8> *weights, ap_int<8> out[N], int count) {
                ap_int<8> buffer[4][TILE];
                %s
                ROW: for (int i = 0; i < N; i++) {
                %s
                }
                return 0;
                }
                """.formatted(inFunction, inLoop);
    }

    private static Arguments inFunction(String pragma, String expected) {
        return Arguments.of(kernel("#pragma " + pragma, ""), "4: " + expected);
    }

    private static Arguments inLoop(String pragma, String expected) {
        return Arguments.of(kernel("", "#pragma " + pragma), "6: " + expected);
    }

    static Stream<Arguments> wrongPragmas() {
        return Stream.of(
                inFunction("HSL dataflow", "error: '#pragma HSL' is not read by the HLS tool; write '#pragma HLS'"),
                inFunction("hls dataflow", "error: '#pragma hls' is not read by the HLS tool; write '#pragma HLS'"),
                inFunction("HLS dataflw", "error: unknown directive 'dataflw'; did you mean 'dataflow'?"),
                inLoop("HLS pipelien II=1", "error: unknown directive 'pipelien'; did you mean 'pipeline'?"),
                inLoop("HLS pipeline I=1", "error: pipeline: unknown option 'I'; did you mean 'II'?"),
                inLoop(
                        "HLS pipeline interval=1",
                        "error: pipeline: unknown option 'interval'; it takes II, off, rewind, style"),
                inLoop("HLS pipeline II", "error: pipeline: option 'II' has no value; write II=<value>"),
                inLoop("HLS pipeline II=0", "error: pipeline: II is 0; it must be at least 1"),
                inLoop("HLS pipeline II=1 II=2", "error: pipeline: option 'II' is given twice; keep one"),
                inLoop("HLS pipeline II=1 style=fpl", "error: pipeline: style is 'fpl'; did you mean 'flp'?"),
                inLoop(
                        "HLS pipeline II=1, rewind",
                        "error: pipeline: cannot read 'II=1, rewind'; options are written name=value"),
                inLoop("HLS pipeline II=1 off", "warning: pipeline: off and II contradict each other; keep one"),
                inLoop(
                        "HLS unroll factor=FACTOR",
                        "error: unroll: factor names 'FACTOR', which is no constant here;"
                                + " declare it constexpr or write the number"),
                inLoop(
                        "HLS unroll factor=4x",
                        "error: unroll: factor names '4x', which is no constant here;"
                                + " declare it constexpr or write the number"),
                inLoop(
                        "HLS unroll factor=count",
                        "error: unroll: factor names 'count', which is no constant here;"
                                + " declare it constexpr or write the number"),
                inFunction(
                        "HLS unroll factor=2",
                        "error: unroll: stands in function 'sum'; move it inside the braces of a loop"),
                inLoop(
                        "HLS inline off",
                        "error: inline: stands in loop 'ROW'; move it inside the braces of a function"),
                inLoop(
                        "HLS interface mode=m_axi port=weights",
                        "error: interface: stands in loop 'ROW'; move it inside the braces of a function"),
                inFunction(
                        "HLS pipeline II=1",
                        "warning: pipeline: stands above loop 'ROW' and so applies to function 'sum';"
                                + " move it inside the braces of the loop"),
                inFunction(
                        "HLS array_partition variable=bufer type=complete",
                        "error: array_partition: variable 'bufer' is not declared in function 'sum'; did you mean 'buffer'?"),
                inFunction(
                        "HLS array_partition variable=x type=complete",
                        "error: array_partition: variable 'x' is not declared in function 'sum';"
                                + " declared are buffer, count, out, weights"),
                inFunction("HLS array_partition type=complete", "error: array_partition: needs variable=; add it"),
                inFunction(
                        "HLS array_partition variable=buffer type=cyclick factor=2",
                        "error: array_partition: type is 'cyclick'; did you mean 'cyclic'?"),
                inFunction(
                        "HLS array_partition variable=buffer type=cyclic dim=2",
                        "error: array_partition: type=cyclic needs a factor; add factor=<banks>"),
                inFunction(
                        "HLS array_partition variable=buffer type=block factor=-1",
                        "error: array_partition: factor is -1; it must be at least 1"),
                inFunction(
                        "HLS array_partition variable=buffer type=cyclic factor=TILE+1 dim=2",
                        "error: array_partition: factor 9 is more than dimension 2 of 'buffer', which is 8;"
                                + " use at most that, or type=complete"),
                inFunction(
                        "HLS array_reshape variable=out cyclic factor=32",
                        "error: array_reshape: factor 32 is more than dimension 1 of 'out', which is 16;"
                                + " use at most that, or type=complete"),
                inFunction(
                        "HLS array_partition variable=buffer type=cyclic factor=8 dim=0",
                        "error: array_partition: factor 8 is more than dimension 1 of 'buffer', which is 4;"
                                + " use at most that, or type=complete"),
                inFunction(
                        "HLS array_partition variable=buffer type=complete dim=3",
                        "error: array_partition: dim is 3 but 'buffer' has 2; use 1 to 2, or 0 for all"),
                inFunction(
                        "HLS array_partition variable=buffer type=complete factor=2",
                        "warning: array_partition: type=complete ignores the factor;"
                                + " remove it, or use type=cyclic or type=block"),
                inFunction(
                        "HLS array_partition variable=count type=complete",
                        "error: array_partition: 'count' is int, not an array; name an array"),
                inFunction(
                        "HLS array_partition variable=N type=complete dim=1",
                        "error: array_partition: 'N' is int, not an array; name an array"),
                inFunction(
                        "HLS bind_storage variable=buffer type=ram_3p",
                        "error: bind_storage: type is 'ram_3p'; did you mean 'ram_1p'?"),
                inFunction(
                        "HLS bind_storage variable=buffer type=ram_t2p impl=lutram",
                        "error: bind_storage: type=ram_t2p cannot be built with impl=lutram; use auto, bram, uram"),
                inFunction(
                        "HLS bind_storage variable=buffer type=ram_2p impl=blockram",
                        "error: bind_storage: impl is 'blockram'; it is one of auto, bram, bram_ecc, lutram, memory, srl,"
                                + " uram, uram_ecc"),
                inFunction("HLS bind_storage variable=buffer impl=bram", "error: bind_storage: needs type=; add it"),
                inFunction(
                        "HLS bind_op variable=count op=mul impl=fulldsp",
                        "error: bind_op: op=mul cannot be built with impl=fulldsp; use auto, dsp, fabric"),
                inFunction("HLS bind_op variable=count op=mull", "error: bind_op: op is 'mull'; did you mean 'mul'?"),
                inFunction(
                        "HLS interface mode=m_axi port=weight bundle=gmem",
                        "error: interface: port 'weight' is no parameter of function 'sum'; did you mean 'weights'?"),
                inFunction(
                        "HLS interface mode=m_axi port=buffer",
                        "error: interface: port 'buffer' is no parameter of function 'sum';"
                                + " its parameters are weights, out, count"),
                inFunction(
                        "HLS interface mode=m_axy port=weights",
                        "error: interface: mode is 'm_axy'; did you mean 'm_axi'?"),
                inFunction(
                        "HLS interface mode=m_axi bundle=gmem",
                        "error: interface: mode=m_axi needs port=; name a parameter"),
                inFunction(
                        "HLS interface mode=m_axi port=count",
                        "error: interface: mode=m_axi needs a pointer or an array, 'count' is int; use mode=s_axilite"),
                inFunction(
                        "HLS interface mode=m_axi port=weights max_read_burst_length=512",
                        "error: interface: max_read_burst_length is 512; an AXI4 burst has at most 256 beats"),
                inFunction(
                        "HLS interface mode=m_axi port=weights offset=64",
                        "error: interface: offset is '64'; with mode=m_axi it is one of direct, off, slave"),
                inFunction(
                        "HLS interface mode=m_axi port=weights bundle=gmem.0",
                        "error: interface: bundle 'gmem.0' is no name; use letters, digits and _"),
                inFunction(
                        "HLS interface mode=s_axilite port=count num_read_outstanding=4",
                        "error: interface: mode=s_axilite takes no 'num_read_outstanding';"
                                + " it takes bundle, offset, clock, register, name, depth, interrupt, autorestart"),
                inFunction(
                        "HLS interface mode=ap_ctrl_hs port=count",
                        "error: interface: mode=ap_ctrl_hs is of the whole function; use port=return"),
                inFunction("HLS stream variable=buffer depth=0", "error: stream: depth is 0; it must be at least 1"),
                inFunction(
                        "HLS dependence variable=buffer type=inter dependent=false distance=2",
                        "error: dependence: a distance means nothing with dependent=false; remove one"),
                inFunction(
                        "HLS dependence variable=buffer itner false",
                        "error: dependence: unknown option 'itner';"
                                + " it takes variable, class, type, direction, distance, dependent"),
                inFunction("HLS allocation operation instances=mul", "error: allocation: needs limit=; add it"),
                inFunction(
                        "HLS latency min=8 max=4",
                        "error: latency: min is 8, more than max, which is 4; exchange them"),
                inLoop("HLS loop_tripcount min=4", "error: loop_tripcount: needs max=; add it"),
                inLoop(
                        "HLS loop_tripcount min=1 avg=20 max=N",
                        "error: loop_tripcount: avg is 20, more than max, which is 16; exchange them"),
                inLoop("HLS loop_flatten on", "error: loop_flatten: unknown option 'on'; it takes off"),
                inFunction("HLS", "error: unknown directive ''; known are " + String.join(", ", HlsDirective.names())));
    }

    @ParameterizedTest
    @MethodSource("wrongPragmas")
    void aWrongPragmaGivesOneFindingThatSaysTheWayOut(String code, String expected) {
        assertEquals(List.of(expected), findings(code));
    }

    static Stream<Arguments> wrongFiles() {
        return Stream.of(
                Arguments.of(
                        """
                        void f(int *a) {
                            for (int i = 0; i < 4; i++) {
                        #pragma HLS pipeline II=1
                                a[i] = 0;
                            }
                        }
                        """,
                        List.of("3: error: pipeline: the loop of line 2 has no label, so reports cannot name it;"
                                + " write 'NAME: ' before it")),
                Arguments.of(
                        """
                        void f(int *a) {
                            ROW: for (int i = 0; i < 4; i++) { a[i] = 0; }
                            ROW: for (int i = 0; i < 4; i++) { a[i] = 1; }
                        }
                        void g(int *a) {
                            ROW: for (int i = 0; i < 4; i++) { a[i] = 0; }
                        }
                        """,
                        List.of("3: error: label 'ROW' names line 2 of function 'f' already;"
                                + " give each loop a label of its own")),
                Arguments.of(
                        """
                        #pragma HLS dataflow
                        void f(int *a);
                        """,
                        List.of(
                                "1: error: dataflow: stands in the file; move it inside the braces of a function or a loop")),
                Arguments.of(
                        """
                        void f(int *a) {
                            OUTER: for (int i = 0; i < 4; i++) {
                        #pragma HLS pipeline
                                INNER: for (int j = 0; j < 4; j++) {
                        #pragma HLS pipeline
                                    a[j] = i;
                                }
                            }
                        }
                        """,
                        List.of(
                                "5: warning: pipeline: has no effect, the pipeline of loop 'OUTER' unrolls loop 'INNER';"
                                        + " remove one")),
                Arguments.of(
                        """
                        void f(int *a) {
                            OUTER: for (int i = 0; i < 4; i++) {
                        #pragma HLS unroll
                                INNER: for (int j = 0; j < 4; j++) {
                        #pragma HLS pipeline
                                    a[j] = i;
                                }
                            }
                        }
                        """,
                        List.of("5: warning: pipeline: loop 'OUTER' is unrolled into copies of loop 'INNER';"
                                + " exchange the loops, or pipeline the outer one")),
                Arguments.of(
                        """
                        void f(int *a) {
                            ROW: for (int i = 0; i < 4; i++) {
                        #pragma HLS pipeline
                        #pragma HLS unroll
                        #pragma HLS dataflow
                                a[i] = i;
                            }
                        }
                        """,
                        List.of(
                                "4: warning: unroll: leaves nothing of loop 'ROW' to the pipeline of line 3;"
                                        + " give a factor, or keep one",
                                "5: warning: dataflow: excludes the pipeline of line 3 in loop 'ROW'; keep one")),
                Arguments.of(
                        """
                        void f() {
                            int a[8];
                        #pragma HLS array_partition variable=a type=complete
                        #pragma HLS array_reshape variable=a type=cyclic factor=2
                        #pragma HLS bind_storage variable=a type=ram_1p
                        #pragma HLS bind_storage variable=a type=ram_2p
                        }
                        """,
                        List.of(
                                "4: warning: array_reshape: competes with the array_partition of line 3 for 'a'; keep one",
                                "6: warning: bind_storage: repeats the bind_storage of line 5 for 'a'; keep one")),
                Arguments.of(
                        """
                        void f(int n) {
                        #pragma HLS array_partition variable=late type=complete
                            int late[8];
                            if (n > 0) {
                                int inner[8];
                                inner[0] = n;
                            }
                        #pragma HLS array_partition variable=inner type=complete
                        }
                        """,
                        List.of(
                                "2: error: array_partition: variable 'late' is declared at line 3, out of sight of this"
                                        + " pragma; move the pragma below that line, in the same block",
                                "8: error: array_partition: variable 'inner' is declared at line 5, out of sight of this"
                                        + " pragma; move the pragma below that line, in the same block")),
                Arguments.of(
                        "void f(int n) {\n    if (n > 0) {\n        n = 1;\n",
                        List.of(
                                "1: error: function 'f' is not closed at the end of the file; add the missing '}'",
                                "2: error: the block of line 2 is not closed at the end of the file; add the missing '}'")),
                Arguments.of(
                        "void f() {}\n}\n", List.of("2: error: a '}' closes nothing; remove it, or open its block")));
    }

    @ParameterizedTest
    @MethodSource("wrongFiles")
    void whatIsWrongBetweenPragmasLoopsAndNamesIsFound(String code, List<String> expected) {
        assertEquals(expected, findings(code));
    }

    static Stream<String> correctFiles() {
        return Stream.of(
                kernel(
                        "#pragma HLS array_partition variable=buffer type=cyclic factor=TILE dim=2",
                        "#pragma HLS pipeline II=1"),
                kernel("#pragma HLS ARRAY_PARTITION variable=buffer COMPLETE dim=0", "#pragma HLS PIPELINE rewind"),
                kernel(
                        "#pragma HLS array_partition variable=buffer type=block factor=4",
                        "#pragma HLS unroll factor = 4"),
                kernel(
                        "#pragma HLS bind_storage variable=buffer type=ram_2p impl=bram latency=2",
                        "#pragma HLS loop_flatten off"),
                kernel(
                        "#pragma HLS bind_op variable=count op=mul impl=dsp",
                        "#pragma HLS loop_tripcount min = 1 avg = N / 2 max = (N * 2) / 2"),
                kernel("#pragma HLS dependence variable=buffer inter false", "#pragma HLS unroll"),
                kernel("#pragma HLS allocation operation instances=mul limit=4 // shared", "#pragma once"),
                kernel("#pragma GCC ivdep", "#pragma HLS pipeline off"),
                kernel(
                        "#pragma HLS interface mode=m_axi port=weights bundle=gmem0 offset=slave depth=N*4 \\\n"
                                + " max_read_burst_length=64 num_read_outstanding=16 latency=64",
                        ""),
                """
                // #pragma HLS nonsense in a comment
                /* #pragma HLS nonsense
                #pragma HLS too */
                #include "ap_int.h"
                #define PORTS 4
                namespace tile {
                enum Mode { DENSE, EXPERT };
                unsigned constexpr LANES = 1u << 4;
                struct Settings {
                    static constexpr int WIDTH = 0x10;
                    int value;
                    void clear() {
                #pragma HLS inline
                        value = 0;
                    }
                };
                typedef ap_int<8> Weight;
                extern "C" {
                void top(hls::stream<hls::vector<ap_int<8>, LANES>> &in, const Weight (&table)[LANES][2 * PORTS],
                         hls::vector<Weight, 16> *memory, unsigned long count, Settings settings) {
                #pragma HLS interface mode=ap_ctrl_chain port=return
                #pragma HLS interface mode=s_axilite port=return
                #pragma HLS interface m_axi port=memory bundle=gmem_0 depth=1024
                #pragma HLS interface mode=s_axilite port=memory
                #pragma HLS interface mode=s_axilite port=count bundle=control
                #pragma HLS interface mode=axis port=in
                #pragma HLS array_partition variable=table type=cyclic factor=2*PORTS dim=2
                #pragma HLS array_partition variable=table type=complete dim=1
                #pragma HLS stable variable=count,settings
                #pragma HLS disaggregate variable=settings
                #pragma HLS dataflow
                    hls::stream<Weight, 8> queue("queue"), other[PORTS];
                #pragma HLS stream variable=queue depth=64 type=fifo
                #pragma HLS array_partition variable=other complete
                    const char *text = "#pragma HLS not code; }";
                }
                }
                template <int LENGTH, typename T = ap_int<8>, int UNROLL = 4>
                T dot(const T a[LENGTH], const T b[LENGTH]) {
                #pragma HLS inline off
                #pragma HLS array_reshape variable=a type=cyclic factor=UNROLL
                    T partial[UNROLL] = {};
                #pragma HLS array_partition variable=partial type=complete
                    T total = 0;
                CLEAR:
                    for (int i = 0; i < UNROLL; ++i)
                #pragma HLS unroll
                        partial[i] = 0;
                MULTIPLY:
                    for (int i = 0; i < LENGTH / UNROLL; i++) {
                #pragma HLS pipeline II = 1
                #pragma HLS dependence variable=partial type=inter direction=RAW dependent=true distance=4
                    LANE:
                        for (int j = 0; j < UNROLL; j++) {
                #pragma HLS unroll
                            partial[j] += a[i * UNROLL + j] * b[i < 2 ? 0 : 1];
                        }
                        if (i == 3) {
                #pragma HLS occurrence cycle=4
                            total++;
                        } else {
                            continue;
                        }
                    }
                    do {
                        switch (total) {
                            case Settings::WIDTH: break;
                            default: total--;
                        }
                    } while (total > 3);
                    return total;
                }
                } // namespace tile
                """);
    }

    @ParameterizedTest
    @MethodSource("correctFiles")
    void aCorrectFileHasNoFindings(String code) {
        assertEquals(List.of(), findings(code));
    }

    @Test
    void constantsOfOneFileCountInTheOthers() {
        Map<String, String> files = new LinkedHashMap<>();
        files.put(
                "sizes.h", "namespace sizes {\nconstexpr int TILE = 32;\nstatic constexpr int BANKS = 2 * TILE;\n}\n");
        files.put("unit.cpp", """
                #include "sizes.h"
                void f() {
                    int a[sizes::TILE];
                #pragma HLS array_partition variable=a type=cyclic factor=TILE
                    int b[TILE];
                #pragma HLS array_partition variable=b type=cyclic factor=BANKS
                }
                """);
        assertEquals(
                List.of("unit.cpp:6: error: array_partition: factor 64 is more than dimension 1 of 'b', which is 32;"
                        + " use at most that, or type=complete"),
                PragmaLinter.lint(files).stream().map(Finding::toString).toList());
    }

    @Test
    void damagedTextNeverFailsOtherwiseThanWithFindings() {
        long seed = 20260102;
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        List<String> files = correctFiles().toList();
        for (int i = 0; i < 2000; i++) {
            StringBuilder text = new StringBuilder(files.get(random.nextInt(files.size())));
            for (int cuts = 1 + random.nextInt(4); cuts > 0; cuts--) {
                int from = random.nextInt(text.length());
                int to = Math.min(text.length() - 1, from + random.nextInt(20));
                String cut = text.substring(from, to);
                text.delete(from, to).insert(random.nextInt(text.length()), random.nextBoolean() ? cut : "");
            }
            assertNotNull(PragmaLinter.lint(Map.of("f", text.toString())));
        }
    }

    private static List<String> findings(String code) {
        return PragmaLinter.lint(Map.of("f", code)).stream()
                .map(finding -> finding.toString().replaceFirst("^f:", ""))
                .toList();
    }
}

package tilewright.boards;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each mistake in a board file, and the one line that tells its author where it is and what to do. */
class BrokenBoardsTest {
    static final String VALID = """
            name: test-board
            description: A board for tests
            kind: fpga
            part: xc-test
            family: ultrascale+
            toolchain: vitis-hls
            clock_mhz: 300
            resources:
              lut: 1000
              ff: 2000
              dsp: 10
              dsp_kind: DSP48E2
              block_ram: {blocks: 4, bits_per_block: 36864}
            memories:
              - {name: ddr, kind: DDR4, bytes: 1 GiB, gb_per_s: 10}
            axi:
              - {name: hp, count: 2, bits: 128}
            sources:
              resources: a
              memories: b
              axi: c
              clock_mhz: d
            """;

    @TempDir
    Path folder;

    @Test
    void theFileThatTheOthersAreMadeFromIsValid() {
        Board board = BoardReader.read("b.yaml", VALID);
        assertEquals(1L << 30, board.memoryBytes());
        assertEquals(10e9, board.memoryBytesPerSecond());
        assertEquals(new AxiPorts("hp", 2, 128), board.axi().getFirst());
    }

    /** What is replaced, by what, and the message. */
    static Stream<Arguments> mistakes() {
        return Stream.of(
                // Syntax.
                arguments(
                        "part: xc-test",
                        "part: xc: test",
                        "b.yaml:4: not valid YAML: mapping values are not allowed here; "
                                + "check indentation and quotes near column 9"),
                arguments(
                        "bits_per_block: 36864}",
                        "bits_per_block: 36864",
                        "b.yaml:14: not valid YAML: expected ',' or '}', but got :; "
                                + "check indentation and quotes near column 9"),
                arguments(
                        "kind: fpga",
                        "\tkind: fpga",
                        "b.yaml:3: not valid YAML: found character '\\t(TAB)' that cannot start any token. "
                                + "(Do not use \\t(TAB) for indentation); check indentation and quotes near column 1"),
                arguments(
                        "part: xc-test",
                        "part: xc\u0007test",
                        "b.yaml:4: character U+0007 is not allowed in YAML; remove it"),
                arguments(
                        "part: xc-test",
                        "part: &a xc",
                        "b.yaml:4: anchor '&a' is not allowed in a board file; "
                                + "remove it and write repeated values out"),
                arguments(
                        "part: xc-test",
                        "part: *a",
                        "b.yaml:4: alias '*a' is not allowed in a board file; " + "write the value out"),
                arguments(
                        "lut: 1000",
                        "lut: !!int 1000",
                        "b.yaml:9: tag 'tag:yaml.org,2002:int' is not allowed in a " + "board file; remove it"),
                arguments(
                        "part: xc-test",
                        "part: [[[[[[[[[[1]]]]]]]]]]",
                        "b.yaml:4: nested more than 8 levels deep; a board file needs 3"),
                arguments(
                        "\nsources:",
                        "\n---\nsources:",
                        "b.yaml:18: a second document starts here; write one board per file"),
                arguments("part: xc-test", "[part]: xc", "b.yaml:4: a key is not plain text; write 'key: value'"),
                // Keys.
                arguments("part: xc-test\n", "", "b.yaml:1: key 'part' is missing; add 'part: TEXT'"),
                arguments("  lut: 1000\n", "", "b.yaml:8: key 'resources.lut' is missing; add 'lut: NUMBER'"),
                arguments(
                        "kind: DDR4, ",
                        "",
                        "b.yaml:15: key 'memories[0].kind' is missing; add 'kind: DDR3 | DDR4 | "
                                + "DDR5 | LPDDR4 | LPDDR5 | GDDR6 | HBM2 | HBM2e | HBM3 | HBM3e | SDRAM | SRAM'"),
                arguments("  memories: b\n", "", "b.yaml:18: key 'sources.memories' is missing; add 'memories: TEXT'"),
                arguments(
                        "  lut: 1000",
                        "  luts: 1000",
                        "b.yaml:9: unknown key 'luts' in resources; did you mean 'lut'? "
                                + "Known keys: lut, ff, dsp, dsp_kind, block_ram, large_ram"),
                arguments(
                        "clock_mhz: 300",
                        "clock_mzh: 300",
                        "b.yaml:7: unknown key 'clock_mzh'; did you mean 'clock_mhz'? Known keys: name, description, "
                                + "kind, part, family, toolchain, clock_mhz, memories, sources, resources, axi, compute"),
                arguments(
                        "axi: c\n",
                        "bandwidth: c\n",
                        "b.yaml:21: unknown key 'bandwidth' in sources; "
                                + "Known keys: resources, memories, axi, clock_mhz"),
                arguments(
                        "  ff: 2000\n",
                        "  ff: 2000\n  \"lut\": 1\n",
                        "b.yaml:11: key 'lut' is given twice, first on line 9; keep one of them"),
                arguments(
                        "kind: fpga",
                        "kind: gpu",
                        "b.yaml:8: key 'resources' has no meaning for a gpu board; remove it or correct 'kind'"),
                // Types.
                arguments(
                        "lut: 1000",
                        "lut: many",
                        "b.yaml:9: resources.lut is the text 'many', expected an integer from 1 to 100000000; "
                                + "write decimal digits only, without quotes, units or separators"),
                arguments(
                        "lut: 1000",
                        "lut: \"1000\"",
                        "b.yaml:9: resources.lut is the text '1000', expected an integer from 1 to 100000000; "
                                + "write decimal digits only, without quotes, units or separators"),
                arguments(
                        "lut: 1000",
                        "lut: 0x3e8",
                        "b.yaml:9: resources.lut is the text '0x3e8', expected an integer from 1 to 100000000; "
                                + "write decimal digits only, without quotes, units or separators"),
                arguments(
                        "lut: 1000",
                        "lut: 10.5",
                        "b.yaml:9: resources.lut is '10.5', expected an integer from 1 to 100000000; "
                                + "write decimal digits only, without quotes, units or separators"),
                arguments("part: xc-test", "part: 7020", "b.yaml:4: part is '7020', expected text; put it in quotes"),
                arguments("part: xc-test", "part:", "b.yaml:4: part is empty, expected text; write one line of text"),
                arguments(
                        "part: xc-test",
                        "part: \"a\\nb\"",
                        "b.yaml:4: part is the text 'a?b', expected one line of 1 to 300 characters; "
                                + "shorten it or write it on one line"),
                arguments(
                        "{blocks: 4, bits_per_block: 36864}",
                        "4",
                        "b.yaml:13: resources.block_ram is '4', expected a mapping; write 'key: value' lines under it"),
                arguments(
                        "\n  - {name: hp, count: 2, bits: 128}",
                        " none",
                        "b.yaml:16: axi is the text 'none', expected a list; "
                                + "write one '- {...}' line per item, or '[]' for none"),
                arguments(
                        "- {name: hp, count: 2, bits: 128}",
                        "- hp",
                        "b.yaml:17: axi[0] is the text 'hp', expected a mapping; write '- {name: ...}'"),
                // Numbers.
                arguments(
                        "lut: 1000",
                        "lut: -5",
                        "b.yaml:9: resources.lut is '-5', expected an integer from 1 to 100000000; "
                                + "check the sign, the digits and the unit"),
                arguments(
                        "blocks: 4",
                        "blocks: 0",
                        "b.yaml:13: resources.block_ram.blocks is '0', expected an integer from 1 to 1000000; "
                                + "check the sign, the digits and the unit"),
                arguments(
                        "lut: 1000",
                        "lut: 99999999999999999999999",
                        "b.yaml:9: resources.lut is '99999999999999999999999', expected an integer from 1 to "
                                + "100000000; check the sign, the digits and the unit"),
                arguments(
                        "clock_mhz: 300",
                        "clock_mhz: 300000000",
                        "b.yaml:7: clock_mhz is '300000000', expected a number from 0.000001 to 10000; "
                                + "check the sign, the digits and the unit"),
                arguments(
                        "clock_mhz: 300",
                        "clock_mhz: .nan",
                        "b.yaml:7: clock_mhz is the text '.nan', expected a number from 0.000001 to 10000; "
                                + "write a decimal number, without quotes or units"),
                arguments(
                        "gb_per_s: 10",
                        "gb_per_s: 0",
                        "b.yaml:15: memories[0].gb_per_s is '0', expected a number from 0.000001 to 1000000; "
                                + "check the sign, the digits and the unit"),
                arguments(
                        "bytes: 1 GiB",
                        "bytes: 1 GB",
                        "b.yaml:15: memories[0].bytes is the text '1 GB', expected a size of 1 byte to 1 PiB; "
                                + "write bytes as a number, or as in '512 MiB' or '4 GiB'"),
                arguments(
                        "bytes: 1 GiB",
                        "bytes: 4194304 GiB",
                        "b.yaml:15: memories[0].bytes is the text '4194304 GiB', expected a size of 1 byte to 1 PiB; "
                                + "check the sign, the digits and the unit"),
                arguments(
                        "bits: 128",
                        "bits: 100",
                        "b.yaml:17: axi[0].bits is 100, expected a power of two; AXI has no other widths"),
                // Names and choices.
                arguments(
                        "name: test-board",
                        "name: Test Board",
                        "b.yaml:1: name is 'Test Board', expected a name; "
                                + "use lower-case letters, digits and single hyphens"),
                arguments(
                        "family: ultrascale+",
                        "family: ultrascale",
                        "b.yaml:5: family is 'ultrascale', which is not known here; did you mean 'ultrascale+'? "
                                + "Known: ultrascale+, versal, 7series, ecp5, ice40"),
                arguments(
                        "kind: DDR4",
                        "kind: EDO",
                        "b.yaml:15: memories[0].kind is 'EDO', which is not known here; Known: DDR3, DDR4, DDR5, "
                                + "LPDDR4, LPDDR5, GDDR6, HBM2, HBM2e, HBM3, HBM3e, SDRAM, SRAM"),
                arguments(
                        "dsp_kind: DSP48E2",
                        "dsp_kind: DSP58",
                        "b.yaml:12: resources.dsp_kind is 'DSP58' but family ultrascale+ has DSP48E2; "
                                + "correct one of them"),
                arguments(
                        "dsp_kind: DSP48E2",
                        "dsp_kind: dsp48e2",
                        "b.yaml:12: resources.dsp_kind is 'dsp48e2', which is not known here; "
                                + "did you mean 'DSP48E2'? "
                                + "Known: DSP48E2, DSP58, DSP48E1, MULT18X18D, SB_MAC16, none"),
                arguments(
                        "dsp: 10",
                        "dsp: 0",
                        "b.yaml:12: resources.dsp_kind is 'DSP48E2' but dsp is 0; "
                                + "write 'none' with 0 blocks and the kind with any"),
                arguments(
                        "axi:\n",
                        "  - {name: ddr, kind: DDR4, bytes: 1, gb_per_s: 1}\naxi:\n",
                        "b.yaml:16: memories[1].name is 'ddr', which is taken above; choose another"),
                arguments(
                        "\n  - {name: ddr, kind: DDR4, bytes: 1 GiB, gb_per_s: 10}",
                        " []",
                        "b.yaml:15: axi lists ports but the board has no memories; list the memory they lead to"));
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void aMistakeIsNamedWithItsLineAndTheWayOut(String replaced, String by, String message) {
        assertTrue(VALID.contains(replaced), "the test replaces what is there");
        assertMessage(message, () -> BoardReader.read("b.yaml", VALID.replace(replaced, by)));
    }

    @Test
    void processorsAreCheckedToo() {
        String gpu = """
                name: g
                description: d
                kind: gpu
                part: p
                family: hopper
                toolchain: tornadovm
                clock_mhz: 1000
                compute: {sm: 4, tera_macs_per_second: {}}
                memories: []
                sources: {compute: a, memories: b, clock_mhz: c}
                """;
        assertMessage(
                "g.yaml:8: compute.tera_macs_per_second is empty; state at least one rate, such as 'int8: 10.24'",
                () -> BoardReader.read("g.yaml", gpu));
        String withRate = gpu.replace("second: {}", "second: {int8: 1.5}");
        assertMessage(
                "g.yaml:9: memories is empty; a gpu board needs at least one memory",
                () -> BoardReader.read("g.yaml", withRate));
        assertMessage(
                "g.yaml:8: unknown key 'cores' in compute; Known keys: sm, tera_macs_per_second",
                () -> BoardReader.read("g.yaml", withRate.replace("{sm:", "{cores:")));
        assertMessage(
                "g.yaml:6: toolchain is 'vitis-hls', which is not known here; Known: tornadovm, jvm",
                () -> BoardReader.read("g.yaml", withRate.replace("tornadovm", "vitis-hls")));
    }

    @Test
    void whatIsNoMappingIsRefused() {
        assertMessage(
                "b.yaml: the file is empty; start from a copy of a bundled board",
                () -> BoardReader.read("b.yaml", "# nothing\n"));
        assertMessage(
                "b.yaml:2: a board file is a mapping, this is a list; start with 'name: ...'",
                () -> BoardReader.read("b.yaml", "\n- a\n"));
    }

    @Test
    void anUnknownNameListsWhatExistsAndTheNearest() {
        String known = String.join(", ", Boards.names());
        assertMessage(
                "unknown board 'zcu103'; did you mean 'zcu102'? Known: " + known + "; or give the path of a YAML file",
                () -> Boards.load("zcu103"));
        assertMessage(
                "unknown board 'something else'; Known: " + known + "; or give the path of a YAML file",
                () -> Boards.load("something else"));
        assertMessage(
                "zcu102.yaml: no such file; did you mean the bundled board 'zcu102'?",
                () -> Boards.load("zcu102.yaml"));
        assertMessage("mine/b.yml: no such file; give a YAML file or one of " + known, () -> Boards.load("mine/b.yml"));
    }

    @Test
    void filesThatCannotBeBoardsAreRefusedByWhatTheyAre() throws IOException {
        assertMessage(folder + ": is a folder; give a YAML file", () -> Boards.load(folder.toString()));
        Path large = folder.resolve("large.yaml");
        Files.write(large, new byte[(1 << 20) + 1]);
        assertMessage(
                large + ": is larger than 1048576 bytes, the limit of a board file; is it another kind of file?",
                () -> Boards.load(large.toString()));
        Path latin = folder.resolve("latin.yaml");
        Files.write(latin, new byte[] {'a', ':', '\n', 'b', (byte) 0xe9, '\n'});
        assertMessage(latin + ":2: not UTF-8 text; save the file as UTF-8", () -> Boards.load(latin.toString()));
        Path device = Path.of("/dev/zero");
        if (Files.exists(device)) {
            assertMessage("/dev/zero: is not a regular file; give a YAML file", () -> Boards.load("/dev/zero"));
        }
    }

    @Test
    void aUsersFileIsLoadedByItsPath() throws IOException {
        Path mine = folder.resolve("mine");
        Files.writeString(mine, "\uFEFF" + VALID.replace("\n", "\r\n"));
        assertEquals("test-board", Boards.load(mine.toString()).name());
    }

    private static void assertMessage(String message, Executable action) {
        assertEquals(message, assertThrows(InvalidBoardException.class, action).getMessage());
    }
}

package tilewright.compiler.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tilewright.boards.Board;
import tilewright.boards.BoardKind;
import tilewright.boards.Boards;

/** {@code tilewright boards}: the bundled boards and what they hold. */
@Command(name = "boards", description = "Lists the bundled boards.")
final class BoardsCommand implements Callable<Integer> {
    private final Console console;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    BoardsCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        List<Board> boards = Boards.names().stream().map(Boards::load).toList();
        if (json) {
            ObjectNode answer = Console.object();
            ArrayNode list = answer.putArray("boards");
            boards.forEach(board -> list.add(describe(board)));
            console.json(answer);
            return 0;
        }
        console.line(
                "%-21s %-5s %8s %8s %9s %10s %11s %11s",
                "board", "kind", "LUT", "DSP", "on chip", "int8", "memory", "");
        for (Board board : boards) {
            console.line(
                    "%-21s %-5s %8s %8s %9s %10s %11s %11s",
                    board.name(),
                    board.kind(),
                    orDash(board.resources().lut()),
                    orDash(board.resources().dsp()),
                    board.kind() == BoardKind.FPGA ? binary(board.onChipBits() / 8) : "-",
                    rate(board.macsPerSecond(8)),
                    board.memories().isEmpty() ? "-" : binary(board.memoryBytes()),
                    board.memories().isEmpty()
                            ? ""
                            : String.format(Locale.ROOT, "%.1f GB/s", board.memoryBytesPerSecond() / 1e9));
        }
        console.line("");
        console.line("int8: peak multiply-accumulates per second. A board of your own: --board FILE.yaml");
        return 0;
    }

    private static String orDash(int count) {
        return count == 0 ? "-" : Integer.toString(count);
    }

    private static String rate(double macsPerSecond) {
        if (macsPerSecond == 0) {
            return "-";
        }
        return macsPerSecond >= 1e12
                ? String.format(Locale.ROOT, "%.2f T", macsPerSecond / 1e12)
                : String.format(Locale.ROOT, "%.1f G", macsPerSecond / 1e9);
    }

    /** Bytes in the largest binary unit that leaves at least 1. */
    static String binary(long bytes) {
        String[] units = {"B", "KiB", "MiB", "GiB", "TiB"};
        double value = bytes;
        int unit = 0;
        while (value >= 1024 && unit < units.length - 1) {
            value /= 1024;
            unit++;
        }
        return String.format(Locale.ROOT, unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
    }

    private static ObjectNode describe(Board board) {
        ObjectNode node = Console.object();
        node.put("name", board.name());
        node.put("description", board.description());
        node.put("kind", board.kind().label());
        node.put("part", board.part());
        node.put("family", board.family().label());
        node.put("toolchain", board.toolchain().label());
        node.put("clock_mhz", board.clockMhz());
        node.put("lut", board.resources().lut());
        node.put("ff", board.resources().ff());
        node.put("dsp", board.resources().dsp());
        node.put("dsp_kind", board.resources().dspKind().label());
        node.put("block_ram_bits", board.resources().blockRam().bits());
        node.put("large_ram_bits", board.resources().largeRam().bits());
        node.put("int8_macs_per_second", board.macsPerSecond(8));
        node.put("int16_macs_per_second", board.macsPerSecond(16));
        ArrayNode memories = node.putArray("memories");
        board.memories()
                .forEach(memory -> memories.addObject()
                        .put("name", memory.name())
                        .put("kind", memory.kind().label())
                        .put("bytes", memory.bytes())
                        .put("bytes_per_second", memory.bytesPerSecond()));
        node.put("axi_bytes_per_cycle", board.axiBytesPerCycle());
        ObjectNode sources = node.putObject("sources");
        board.sources().forEach(sources::put);
        return node;
    }
}

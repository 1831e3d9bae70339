package tilewright.compiler.plan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import tilewright.boards.Board;
import tilewright.boards.BoardKind;
import tilewright.boards.Boards;
import tilewright.compiler.OptionException;

/** Says in numbers why a program does not fit a board, and which board is the nearest that it fits. */
final class Refusal {
    private static final double CLOSE = 1.5;

    private Refusal() {}

    /** A resource of which too little is there. */
    private record Shortage(double ratio, String text) {}

    /**
     * Refuses a board without programmable logic.
     *
     * @throws OptionException naming the boards that have it
     */
    static void requireFpga(Board board) {
        if (board.kind() != BoardKind.FPGA) {
            throw new OptionException(board.name() + " is a " + board.kind().label()
                    + " and the HLS flow needs an FPGA; FPGA boards are "
                    + fpgas().stream().map(Board::name).sorted().collect(Collectors.joining(", ")));
        }
    }

    /**
     * Refuses a board on which even the smallest design does not fit.
     *
     * @throws DoesNotFitException saying what the smallest design needs, what the board has and which board has enough
     */
    static void requireRoom(ProgramShape shape, Board board, Limits limits) {
        List<Shortage> shortages = shortages(shape, board, limits);
        if (!shortages.isEmpty()) {
            throw new DoesNotFitException(shape.name() + " at "
                    + shape.format().activationBits() + " bits does not fit " + board.name()
                    + ": the smallest design needs "
                    + shortages.stream().map(Shortage::text).collect(Collectors.joining(", ")) + "; "
                    + nearest(shape, limits));
        }
    }

    private static List<Shortage> shortages(ProgramShape shape, Board board, Limits limits) {
        Demand need = Planner.smallest(shape, board, limits);
        List<Shortage> shortages = new ArrayList<>();
        add(shortages, board, "DSPs", need.dsp(), board.resources().dsp(), limits.dsp());
        add(shortages, board, "LUTs", need.lut(), board.resources().lut(), limits.lut());
        add(shortages, board, "flip-flops", need.ff(), board.resources().ff(), limits.ff());
        add(shortages, board, "block RAM", need.bram(), Demand.bram36(board), limits.bram());
        shortages.sort(Comparator.comparingDouble(Shortage::ratio).reversed());
        if (board.memoryBytes() < shape.externalBytes()) {
            shortages.add(new Shortage(
                    0,
                    megabytes(shape.externalBytes()) + " of memory outside the fabric, of which "
                            + (board.memoryBytes() == 0 ? "it has none" : "it has " + megabytes(board.memoryBytes()))));
        }
        return shortages;
    }

    private static void add(
            List<Shortage> shortages, Board board, String resource, double need, double has, double usable) {
        if (need <= usable * has) {
            return;
        }
        String amounts = "(" + number(need) + ", it has " + number(has) + ")";
        String text = has == 0
                ? "%s %s, and %s has none".formatted(number(need), resource, board.name())
                : need > CLOSE * has
                        ? String.format(
                                Locale.ROOT, "%.1f times the %s of %s %s", need / has, resource, board.name(), amounts)
                        : String.format(
                                Locale.ROOT,
                                "%.0f %% of the %s of %s %s, of which %.0f %% are usable",
                                100 * need / has,
                                resource,
                                board.name(),
                                amounts,
                                100 * usable);
        shortages.add(new Shortage(has == 0 ? Double.MAX_VALUE : need / has, text));
    }

    private static String nearest(ProgramShape shape, Limits limits) {
        return fpgas().stream()
                .filter(board -> shortages(shape, board, limits).isEmpty())
                .findFirst()
                .map(board -> "the smallest bundled board that it fits is " + board.name())
                .orElse(
                        shape.format().activationBits() == 16
                                ? "it fits none of the bundled boards; try 8 bits"
                                : "it fits none of the bundled boards; a smaller model is needed");
    }

    /** The bundled FPGA boards, those with the fewest LUTs first. */
    private static List<Board> fpgas() {
        return Boards.names().stream()
                .map(Boards::load)
                .filter(board -> board.kind() == BoardKind.FPGA)
                .sorted(Comparator.comparingInt(
                                (Board board) -> board.resources().lut())
                        .thenComparing(Board::name))
                .toList();
    }

    private static String number(double value) {
        return value == Math.rint(value) || value >= 100
                ? String.format(Locale.ROOT, "%.0f", Math.ceil(value))
                : String.format(Locale.ROOT, "%.1f", value);
    }

    private static String megabytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f MB", bytes / 1e6);
    }
}

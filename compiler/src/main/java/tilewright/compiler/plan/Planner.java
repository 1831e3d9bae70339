package tilewright.compiler.plan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import tilewright.boards.Board;
import tilewright.hw.hls.DesignParameters;
import tilewright.hw.hls.DesignParameters.Storage;
import tilewright.hw.program.Program;

/**
 * Searches the sizes of the accelerator for the least estimated time under a board's limits.
 *
 * <p>For a number of lanes, the units share no other size: cycles and resources of a design are sums over its units. So
 * each unit's sizes are evaluated once, those that another choice beats in everything are dropped, and all
 * combinations of the rest are compared. The search is exhaustive over the listed sizes and deterministic.
 */
public final class Planner {
    /** Designs whose time differs by less than this share count as equally fast; estimates are not finer. */
    static final double TIE = 0.01;

    private static final int[] LANES = {4, 8, 16, 32, 64};
    private static final int[] TILE_MULTIPLES = {1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 24, 32};
    private static final int[] QUERY_GROUPS = {1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 48, 64};
    private static final int[] ROUTER_EXPERTS = {1, 2, 4, 8, 16, 32};
    private static final int[] WEIGHT_PORTS = {1, 2, 4};
    private static final int TOKEN_TILES = 5;

    private final ProgramShape shape;
    private final Board board;
    private final CostModel model;
    private final Limits limits;
    private final Demand limit;

    private Planner(ProgramShape shape, Board board, ExpertLoad load, Limits limits) {
        this.shape = shape;
        this.board = board;
        this.limits = limits;
        model = new CostModel(shape, board, load, MemoryTiming.TYPICAL);
        limit = Demand.limit(board, limits);
    }

    /** One choice of a unit's sizes. */
    private record Option(DesignParameters parameters, Demand demand) {}

    /**
     * Plans a program for a board, with balanced routing and the usual limits.
     *
     * @throws DoesNotFitException if the board is no FPGA or too small
     */
    public static Plan plan(Program program, Board board) {
        return plan(ProgramShape.of(program), board, ExpertLoad.BALANCED, Limits.USABLE);
    }

    /**
     * Plans a program of a shape for a board.
     *
     * @param load tokens per expert
     * @param limits usable share of the board
     * @throws DoesNotFitException if the board is no FPGA or too small
     */
    public static Plan plan(ProgramShape shape, Board board, ExpertLoad load, Limits limits) {
        Refusal.requireFpga(board);
        Refusal.requireRoom(shape, board, limits);
        return new Planner(shape, board, load, limits).search();
    }

    /**
     * Refuses a board without programmable logic, before any work on the model begins.
     *
     * @throws DoesNotFitException naming the boards that have it
     */
    public static void requireFpga(Board board) {
        Refusal.requireFpga(board);
    }

    /** What the smallest design needs: the one with the least share of the resource that it takes most of. */
    static Demand smallest(ProgramShape shape, Board board, Limits limits) {
        return new Planner(shape, board, ExpertLoad.BALANCED, limits).smallest();
    }

    private Demand smallest() {
        int lanes = LANES[0];
        DesignParameters sizes = sizes(lanes, 1, 1, 1);
        Demand others = attention(sizes)
                .demand()
                .plus(norm(sizes).demand())
                .plus(route(sizes).demand());
        int[] one = {1};
        return linearOptions(lanes, new int[] {lanes}, one, one).stream()
                .map(linear -> linear.demand().plus(others))
                .min(Comparator.comparingDouble((Demand demand) -> demand.share(limit))
                        .thenComparingDouble(demand -> demand.meanShare(limit)))
                .orElseThrow();
    }

    private Plan search() {
        List<Units> all = IntStream.of(LANES)
                .filter(lanes -> Infrastructure.residualWordBits(lanes, shape.format()) <= Coefficients.AXI_MAX_BITS)
                .mapToObj(this::units)
                .toList();
        Fastest fastest = new Fastest();
        all.forEach(units -> combine(units, fastest));
        Smallest smallest = new Smallest(fastest.cycles * (1 + TIE));
        all.forEach(units -> combine(units, smallest));
        return new Plan(board, smallest.parameters, model.estimate(smallest.parameters), limits, fastest.candidates);
    }

    /** The choices of every unit at a number of lanes. */
    private record Units(List<Option> linears, List<Option> attentions, List<Option> norms, List<Option> routes) {}

    private Units units(int lanes) {
        // A tile of more multipliers than the board has is not worth an estimate.
        int tileDsp = lanes * model.linear(sizes(lanes, 1, 1, 1)).dspPerMac();
        int[] tiles = IntStream.of(TILE_MULTIPLES)
                .map(multiple -> multiple * lanes)
                .filter(outputs -> (double) outputs * tileDsp <= limit.dsp())
                .toArray();
        int[] normLanes = IntStream.rangeClosed(0, Integer.numberOfTrailingZeros(lanes))
                .map(i -> 1 << i)
                .toArray();
        return new Units(
                undominated(linearOptions(lanes, tiles, tokenTiles(), WEIGHT_PORTS)),
                options(QUERY_GROUPS, group -> attention(sizes(lanes, group, 1, 1))),
                options(normLanes, n -> norm(sizes(lanes, 1, n, 1))),
                options(ROUTER_EXPERTS, experts -> route(sizes(lanes, 1, 1, experts))));
    }

    /** Sees designs that fit. */
    private interface Visitor {
        /** Whether designs of this many cycles are still of interest. */
        boolean wants(double cycles);

        /** Sees a design that fits. */
        void visit(Demand demand, Option linear, Option attention, Option norm, Option route);
    }

    private void combine(Units units, Visitor visitor) {
        for (Option linear : units.linears()) {
            for (Option attention : units.attentions()) {
                Demand two = linear.demand().plus(attention.demand());
                if (two.share(limit) > 1) {
                    continue;
                }
                for (Option norm : units.norms()) {
                    Demand three = two.plus(norm.demand());
                    for (Option route : units.routes()) {
                        double cycles = three.cycles() + route.demand().cycles();
                        if (visitor.wants(cycles)) {
                            Demand whole = three.plus(route.demand());
                            if (whole.share(limit) <= 1) {
                                visitor.visit(whole, linear, attention, norm, route);
                            }
                        }
                    }
                }
            }
        }
    }

    /** Finds the least cycles. */
    private static final class Fastest implements Visitor {
        private double cycles = Double.MAX_VALUE;
        private long candidates;

        @Override
        public boolean wants(double cycles) {
            candidates++;
            return cycles < this.cycles;
        }

        @Override
        public void visit(Demand demand, Option linear, Option attention, Option norm, Option route) {
            cycles = demand.cycles();
        }
    }

    /** Finds the smallest design among the fast ones. */
    private final class Smallest implements Visitor {
        private final double enough;
        private double size = Double.MAX_VALUE;
        private DesignParameters parameters;

        Smallest(double enough) {
            this.enough = enough;
        }

        @Override
        public boolean wants(double cycles) {
            return cycles <= enough;
        }

        @Override
        public void visit(Demand demand, Option linear, Option attention, Option norm, Option route) {
            // The scarcest resource decides how easily a design is placed and routed, the others come second.
            double needed = demand.share(limit) + demand.meanShare(limit);
            if (needed < size) {
                size = needed;
                parameters = join(linear.parameters(), attention.parameters(), norm.parameters(), route.parameters());
            }
        }
    }

    private List<Option> linearOptions(int lanes, int[] tileOutputs, int[] tokenTiles, int[] ports) {
        List<Storage> storages =
                OnChipMemory.hasUram(board) ? List.of(Storage.values()) : List.of(Storage.LUTRAM, Storage.BRAM);
        List<Option> options = new ArrayList<>();
        for (int outputs : tileOutputs) {
            for (int tokens : tokenTiles) {
                for (int port : ports) {
                    DesignParameters first = linear(lanes, outputs, tokens, port, Storage.BRAM, Storage.BRAM);
                    double cycles = cycles(
                            first,
                            step -> step instanceof StepShape.Linear
                                    || step instanceof StepShape.Embed
                                    || step instanceof StepShape.Experts);
                    for (Storage weights : storages) {
                        for (Storage inputs : storages) {
                            DesignParameters sizes = linear(lanes, outputs, tokens, port, weights, inputs);
                            ResourceUse use = model.linear(sizes)
                                    .resources(shape)
                                    .plus(model.infrastructure(sizes).resources(shape));
                            options.add(new Option(sizes, Demand.of(cycles, use)));
                        }
                    }
                }
            }
        }
        return options;
    }

    private Option attention(DesignParameters sizes) {
        double cycles = cycles(sizes, StepShape.Attention.class::isInstance);
        return new Option(sizes, Demand.of(cycles, model.attention(sizes).resources(shape)));
    }

    private Option norm(DesignParameters sizes) {
        double cycles = cycles(sizes, StepShape.Norm.class::isInstance);
        return new Option(sizes, Demand.of(cycles, model.norm(sizes).resources(shape)));
    }

    private Option route(DesignParameters sizes) {
        double cycles = cycles(sizes, StepShape.Route.class::isInstance);
        return new Option(sizes, Demand.of(cycles, model.route(sizes).resources(shape)));
    }

    private double cycles(DesignParameters sizes, Predicate<StepShape> ofUnit) {
        double cycles = 0;
        for (TaskShape task : shape.tasks()) {
            for (StepShape step : task.steps()) {
                if (ofUnit.test(step)) {
                    cycles += model.work(task.task(), step, sizes).cycles();
                }
            }
        }
        return cycles;
    }

    private List<Option> options(int[] values, IntFunction<Option> option) {
        return undominated(IntStream.of(values).mapToObj(option).toList());
    }

    /** The options that fit alone and that no other beats in everything; of equal ones the first. */
    private List<Option> undominated(List<Option> options) {
        List<Option> sorted = options.stream()
                .filter(option -> option.demand().share(limit) <= 1)
                .sorted(Comparator.comparingDouble(
                                (Option option) -> option.demand().cycles())
                        .thenComparingDouble(option -> option.demand().meanShare(limit)))
                .toList();
        List<Option> kept = new ArrayList<>();
        for (Option option : sorted) {
            if (kept.stream().noneMatch(other -> other.demand().within(option.demand()))) {
                kept.add(option);
            }
        }
        return kept;
    }

    /** All rows of a layer at once, then halves of them, and one row at a time, which needs least. */
    private int[] tokenTiles() {
        int rows = shape.steps()
                .mapToInt(step -> switch (step) {
                    case StepShape.Embed s -> s.patches();
                    case StepShape.Linear s -> s.rows();
                    case StepShape.Experts s -> s.tokens();
                    case StepShape.Attention s -> 1;
                    case StepShape.Norm s -> 1;
                    case StepShape.Route s -> 1;
                })
                .max()
                .orElse(1);
        return IntStream.concat(
                        IntStream.of(1),
                        IntStream.rangeClosed(1, TOKEN_TILES)
                                .map(parts -> (rows + (1 << parts) / 2 - 1) >> (parts - 1)))
                .filter(tokens -> tokens > 0)
                .distinct()
                .toArray();
    }

    private DesignParameters linear(
            int lanes, int tileOutputs, int tokenTile, int ports, Storage weights, Storage inputs) {
        return new DesignParameters(
                lanes, tileOutputs, tokenTile, 1, 1, 1, ports, weights, inputs, board.clockMhz(), board.part());
    }

    /** Sizes of the units other than the linear unit. */
    private DesignParameters sizes(int lanes, int queryGroup, int normLanes, int routerExperts) {
        return new DesignParameters(
                lanes,
                lanes,
                1,
                queryGroup,
                normLanes,
                routerExperts,
                1,
                Storage.BRAM,
                Storage.BRAM,
                board.clockMhz(),
                board.part());
    }

    private static DesignParameters join(
            DesignParameters linear, DesignParameters attention, DesignParameters norm, DesignParameters route) {
        return new DesignParameters(
                linear.lanes(),
                linear.tileOutputs(),
                linear.tokenTile(),
                attention.queryGroup(),
                norm.normLanes(),
                route.routerExperts(),
                linear.weightPorts(),
                linear.weightStorage(),
                linear.inputStorage(),
                linear.clockMhz(),
                linear.part());
    }
}

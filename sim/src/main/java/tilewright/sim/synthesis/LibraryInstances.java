package tilewright.sim.synthesis;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import tilewright.hw.arith.EvenResidualFunction;
import tilewright.hw.arith.SoftmaxFormat;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.Elaboration;
import tilewright.hw.lang.design.Design;
import tilewright.hw.unit.memory.DmaShape;
import tilewright.hw.unit.memory.ReadDma;
import tilewright.hw.unit.memory.StridedTransfers;
import tilewright.hw.unit.memory.WeightDecompressor;
import tilewright.hw.unit.memory.WeightLayout;
import tilewright.hw.unit.memory.WriteDma;
import tilewright.hw.unit.pipeline.Multiplier;
import tilewright.hw.unit.routing.Dispatcher;
import tilewright.hw.unit.routing.RouterUnit;
import tilewright.hw.unit.routing.TopKUnit;
import tilewright.hw.unit.tensor.AccumulatingMac;
import tilewright.hw.unit.tensor.MacBlock;
import tilewright.hw.unit.tensor.OutputStationaryTile;
import tilewright.hw.unit.tensor.StationaryMac;
import tilewright.hw.unit.tensor.TileShape;
import tilewright.hw.unit.tensor.WeightStationaryTile;
import tilewright.hw.unit.vector.EvenResidualUnit;
import tilewright.hw.unit.vector.NormUnit;
import tilewright.hw.unit.vector.RequantizerUnit;
import tilewright.hw.unit.vector.SoftmaxUnit;
import tilewright.hw.unit.vector.TableUnit;

/** The library's components in usual sizes. */
final class LibraryInstances {
    private static final Set<Target> AMD = Set.of(Target.XC7, Target.XCUP);
    private static final Set<Target> ALL = Set.of(Target.values());
    private static final int DISPATCHED_TOKENS = 256;
    private static final int PROBABILITY_BITS = 20;

    private LibraryInstances() {}

    /** A component for the families that it is measured on. */
    record Instance(String name, Set<Target> targets, Function<Blocks, Component> component) {
        Design design(Blocks blocks) {
            return Elaboration.of(() -> component.apply(blocks));
        }
    }

    /** What a family multiplies with. */
    record Blocks(MacBlock mac, Multiplier multiplier) {
        private static final Map<Target, Blocks> OF = Map.of(
                Target.XC7, new Blocks(MacBlock.DSP48E1, Multiplier.DSP48E1),
                Target.XCUP, new Blocks(MacBlock.DSP48E2, Multiplier.DSP48E2),
                Target.ECP5, new Blocks(MacBlock.MULT18X18D, Multiplier.MULT18X18D),
                Target.ICE40, new Blocks(MacBlock.SB_MAC16, Multiplier.SB_MAC16));
        static final Blocks LOGIC = new Blocks(MacBlock.LOGIC, Multiplier.LOGIC);

        static Blocks of(Target target) {
            return OF.get(target);
        }
    }

    static List<Instance> all() {
        return List.of(
                new Instance("multiply-accumulate element, resident weight", ALL, b -> new StationaryMac(b.mac, false)),
                new Instance("multiply-accumulate element, resident sum", ALL, b -> new AccumulatingMac(b.mac, false)),
                new Instance("tile 4 x 4, resident weights", ALL, b -> weights(b, 4, false)),
                new Instance("tile 4 x 4, resident sums", ALL, b -> sums(b, 4)),
                new Instance("tile 16 x 16, resident weights", AMD, b -> weights(b, 16, false)),
                new Instance("tile 16 x 16, resident weights, packed", Set.of(Target.XCUP), b -> weights(b, 16, true)),
                new Instance("tile 16 x 16, resident sums", AMD, b -> sums(b, 16)),
                new Instance(
                        "weight decompressor, 8 lanes, words of 64 bits",
                        ALL,
                        _ -> new WeightDecompressor(new WeightLayout(8, 64, 32))),
                new Instance(
                        "weight decompressor, 16 lanes, words of 128 bits",
                        ALL,
                        _ -> new WeightDecompressor(new WeightLayout(16, 128, 32))),
                new Instance("DMA, reading, 128 bits, 8 bursts of 16", ALL, _ -> new ReadDma(dma())),
                new Instance("DMA, writing, 128 bits, 8 bursts of 16", ALL, _ -> new WriteDma(dma())),
                new Instance("strided transfers, 32 bits", ALL, _ -> new StridedTransfers(32)),
                new Instance(
                        "requantiser, 32 to 8 bits",
                        ALL,
                        b -> new RequantizerUnit(new RequantizerUnit.Widths(32, 8), b.multiplier)),
                new Instance(
                        "requantiser, 48 to 16 bits",
                        ALL,
                        b -> new RequantizerUnit(new RequantizerUnit.Widths(48, 16), b.multiplier)),
                new Instance("int8 table", ALL, _ -> new TableUnit()),
                new Instance("int16 activation", ALL, b -> new EvenResidualUnit(gelu(), b.multiplier)),
                new Instance(
                        "softmax, rows to 1 024", ALL, b -> new SoftmaxUnit(new SoftmaxFormat(1024), b.multiplier)),
                new Instance("LayerNorm, 1 lane, 192 features", ALL, b -> norm(b, 1, true)),
                new Instance("LayerNorm, 4 lanes, 192 features", Set.of(Target.XCUP), b -> norm(b, 4, true)),
                new Instance("RMSNorm, 1 lane, 192 features", ALL, b -> norm(b, 1, false)),
                new Instance("top-k, 8 of 128", ALL, _ -> new TopKUnit(128, 8)),
                new Instance(
                        "router, 2 of 16 experts",
                        ALL,
                        b -> new RouterUnit(new RouterUnit.Choice(16, 2, true), new SoftmaxFormat(16), b.multiplier)),
                new Instance(
                        "dispatcher, 16 experts, 256 tokens",
                        ALL,
                        _ -> new Dispatcher(new Dispatcher.Capacity(16, DISPATCHED_TOKENS, 2, PROBABILITY_BITS))));
    }

    /** Small components for place and route, with the device. */
    static Map<Synthesis.Device, List<Instance>> placed() {
        return Map.of(
                Synthesis.Device.UP5K,
                List.of(
                        new Instance("tile 2 x 2, resident weights", ALL, b -> weights(b, 2, false)),
                        new Instance("tile 2 x 2, resident sums", ALL, b -> sums(b, 2))),
                Synthesis.Device.HX8K,
                List.of(
                        new Instance("DMA, reading, 32 bits, 8 bursts of 16", ALL, _ -> new ReadDma(narrowDma())),
                        new Instance("DMA, writing, 32 bits, 8 bursts of 16", ALL, _ -> new WriteDma(narrowDma())),
                        new Instance("int8 table", ALL, _ -> new TableUnit()),
                        new Instance(
                                "requantiser, 32 to 8 bits",
                                ALL,
                                b -> new RequantizerUnit(new RequantizerUnit.Widths(32, 8), b.multiplier)),
                        new Instance(
                                "softmax, rows to 256",
                                ALL,
                                b -> new SoftmaxUnit(new SoftmaxFormat(256), b.multiplier))));
    }

    /** What the placed components multiply with. */
    static Blocks blocks(Synthesis.Device device) {
        return device == Synthesis.Device.UP5K ? Blocks.of(Target.ICE40) : Blocks.LOGIC;
    }

    private static WeightStationaryTile weights(Blocks blocks, int size, boolean packed) {
        return new WeightStationaryTile(new TileShape(blocks.mac, size, size, packed));
    }

    private static OutputStationaryTile sums(Blocks blocks, int size) {
        return new OutputStationaryTile(new TileShape(blocks.mac, size, size, false));
    }

    private static NormUnit norm(Blocks blocks, int lanes, boolean centred) {
        return new NormUnit(new NormUnit.Shape(lanes, 192, 16, 8, centred), blocks.multiplier);
    }

    private static DmaShape dma() {
        return new DmaShape(32, 128, 16, 8);
    }

    private static DmaShape narrowDma() {
        return new DmaShape(32, 32, 16, 8);
    }

    /** GELU as a sigmoid approximates it. */
    private static EvenResidualFunction gelu() {
        return EvenResidualFunction.of(x -> x / (1 + Math.exp(-1.702 * x)), 1e-3);
    }
}

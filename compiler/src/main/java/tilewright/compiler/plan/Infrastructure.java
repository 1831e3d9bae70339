package tilewright.compiler.plan;

import java.util.ArrayList;
import java.util.List;
import tilewright.hw.hls.DesignParameters;
import tilewright.hw.hls.DesignParameters.Storage;
import tilewright.hw.program.IntegerFormat;

/** Cost of what every design has: AXI adapters and control. Uses lanes and weightPorts. */
final class Infrastructure {
    private final Target target;
    private final DesignParameters parameters;
    private final IntegerFormat format;

    Infrastructure(Target target, DesignParameters parameters, IntegerFormat format) {
        this.target = target;
        this.parameters = parameters;
        this.format = format;
    }

    /** One AXI bundle. */
    private record Bundle(String name, int bits, boolean written) {}

    private List<Bundle> bundles(int imageWordBits) {
        int lanes = parameters.lanes();
        List<Bundle> bundles = new ArrayList<>();
        bundles.add(new Bundle("image", imageWordBits, false));
        bundles.add(new Bundle("activations", lanes * format.activationBits(), true));
        bundles.add(new Bundle("residuals", residualWordBits(lanes, format), true));
        for (int port = 0; port < parameters.weightPorts(); port++) {
            bundles.add(new Bundle("weights" + port, lanes * format.weightBits(), false));
        }
        bundles.add(new Bundle("parameters", Coefficients.PARAMETER_WORD_BYTES * Byte.SIZE, false));
        return bundles;
    }

    /** Bits of a word of the residual stream: the widest word of a design. */
    static int residualWordBits(int lanes, IntegerFormat format) {
        return lanes * (format.residualBits() <= 16 ? 16 : 32);
    }

    /** Resources of adapters and control. */
    ResourceUse resources(ProgramShape shape) {
        double sixInputLuts = Coefficients.CONTROL_LUT;
        double ff = Coefficients.CONTROL_LUT * Coefficients.FF_PER_LUT;
        List<BufferPlacement> buffers = new ArrayList<>();
        int patch = shape.steps(StepShape.Embed.class)
                .mapToInt(embed -> embed.geometry().patch())
                .findFirst()
                .orElse(1);
        int pixels = Math.min(Integer.lowestOneBit(patch), parameters.lanes());
        for (Bundle bundle : bundles(pixels * Byte.SIZE)) {
            int directions = bundle.written() ? 2 : 1;
            sixInputLuts += Coefficients.AXI_LUT + Coefficients.AXI_LUT_PER_BIT * bundle.bits() * directions;
            ff += Coefficients.AXI_LUT + Coefficients.AXI_FF_PER_BIT * bundle.bits() * directions;
            buffers.add(target.memory()
                    .place(
                            "axi_" + bundle.name(),
                            Storage.BRAM,
                            directions,
                            bundle.bits(),
                            Coefficients.AXI_BUFFER_WORDS));
        }
        return ResourceUse.of(DspUse.NONE, target.lut(sixInputLuts), ff, buffers);
    }
}

package tilewright.hw.lang;

import java.util.ArrayList;
import tilewright.hw.lang.design.Finding;

/**
 * A piece of hardware with ports. Authors extend it: fields declare ports, registers and children, the constructor says
 * how they are connected. Signals are called after the fields that hold them.
 *
 * <p>Components are made by {@link Elaboration#of} (the top) and {@link Hdl#child}; {@code new} alone is refused.
 */
public abstract class Component extends Hdl {
    final ModuleBuilder builder;

    /** Begins a component. */
    @SuppressWarnings("this-escape")
    protected Component() {
        builder = ModuleBuilder.claim(this);
    }

    /** The module's name in the emitted text; components of one name with different bodies are numbered. */
    protected String moduleName() {
        Class<?> type = getClass();
        while (type.getSimpleName().isEmpty()) {
            type = type.getSuperclass();
        }
        return type.getSimpleName();
    }

    /**
     * What synthesis for the device family that has it puts in place of this component, whose body is then the
     * primitive's behavioural twin.
     */
    protected final Vendor vendor(String primitive) {
        builder.vendor = new ModuleBuilder.Vendor(
                primitive, new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), Author.here());
        return new Vendor(builder);
    }

    /** The parameters and pins of a vendor's primitive. */
    public static final class Vendor {
        private final ModuleBuilder builder;

        private Vendor(ModuleBuilder builder) {
            this.builder = builder;
        }

        /** A parameter with its value as Verilog text: {@code "1"}, {@code "\"TRUE\""}. */
        public Vendor parameter(String name, String text) {
            builder.vendor.parameters().add(new ModuleBuilder.Vendor.Parameter(name, text));
            return this;
        }

        /** A numeric parameter. */
        public Vendor parameter(String name, long value) {
            return parameter(name, Long.toString(value));
        }

        /** A pin that a value made of inputs of this component drives. */
        public Vendor input(String pin, Data value) {
            builder.vendor
                    .inputs()
                    .add(new ModuleBuilder.Vendor.In(pin, value.asBits().node()));
            return this;
        }

        /** A pin that this component's clock drives. */
        public Vendor clock(String pin) {
            builder.vendor.inputs().add(new ModuleBuilder.Vendor.In(pin, null));
            return this;
        }

        /** A pin of {@code width} bits whose lowest drive the whole of an output. */
        public Vendor output(String pin, int width, Signal output) {
            return output(pin, width, output.width() - 1, 0, output);
        }

        /** A pin of {@code width} bits of which {@code high..low} drive the whole of an output. */
        public Vendor output(String pin, int width, int high, int low, Signal output) {
            if (high - low + 1 != output.width()) {
                builder.problem(
                        Finding.Rule.STRUCTURE,
                        output.node(),
                        () -> "bits " + high + " to " + low + " of pin " + pin + " cannot drive " + output.width()
                                + " bits; name as many");
                return this;
            }
            return drive(pin, width, high, low, output, 0);
        }

        /** A pin of one bit that drives bit {@code index} of an output. */
        public Vendor outputBit(String pin, Signal output, int index) {
            return drive(pin, 1, 0, 0, output, index);
        }

        private Vendor drive(String pin, int width, int high, int low, Signal output, int offset) {
            if (output.node() instanceof Node.NetNode net && net.kind == Node.NetKind.OUTPUT && high < width) {
                builder.vendor.outputs().add(new ModuleBuilder.Vendor.Out(pin, width, high, low, net, offset));
            } else {
                builder.problem(
                        Finding.Rule.STRUCTURE,
                        output.node(),
                        () -> "pin " + pin + " of " + width
                                + " bits cannot drive it; name an output of this component");
            }
            return this;
        }
    }
}

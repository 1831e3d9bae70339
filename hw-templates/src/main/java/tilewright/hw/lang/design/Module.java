package tilewright.hw.lang.design;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One module, elaborated: everything a printer, checker or simulator needs, and nothing it has to work out.
 *
 * <p>Every net has exactly one driver, which its {@link Net#kind()} names. Expressions are trees; what several of them
 * use has a net. The operand of every {@link Expression.Slice} is a {@link Expression.Ref}.
 *
 * @param name unique in the design
 * @param component the simple name of the author's class
 * @param nets all nets, clocks and resets first, then the other ports in the order of declaration, then the rest
 * @param streams what of the nets are streams
 * @param inputClocks the name of the clock under which the author declared each input; the module may have no such clock
 * @param primitive what synthesis may replace the module by
 */
public record Module(
        String name,
        String component,
        SourceLocation location,
        List<Net> nets,
        List<Clock> clocks,
        List<Assignment> assignments,
        List<Register> registers,
        List<Memory> memories,
        List<Instance> instances,
        List<Assertion> assertions,
        List<Handshake> streams,
        Map<Net, String> inputClocks,
        Optional<Primitive> primitive) {
    /** The ports: clocks and resets, then inputs and outputs in the order of declaration. */
    public List<Net> ports() {
        return nets.stream().filter(Net::isPort).toList();
    }

    /**
     * The net of this name.
     *
     * @throws IllegalArgumentException when there is none; the message lists the ports
     */
    public Net net(String netName) {
        return nets.stream()
                .filter(net -> net.name().equals(netName))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("module '" + name + "' has no net '" + netName
                        + "'; its ports are " + ports().stream().map(Net::name).toList()));
    }
}

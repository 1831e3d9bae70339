package tilewright.hw.lang.design;

import java.util.Map;

/**
 * A design as one module: no instances, only the top's ports, names are paths.
 *
 * @param module assignments are sorted so that each comes after those it reads
 * @param paths every net of every instance by its path ({@code "pe_0_1.sum"}; the top's own have no prefix). Ports of
 *     instances that are merely wired to a net of the parent share that net.
 */
public record FlatDesign(Module module, Map<String, Net> paths) {}

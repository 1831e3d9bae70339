package tilewright.compiler.forecast;

import tilewright.edge.expert.StorageRate;
import tilewright.edge.probe.ReadingPace;

/**
 * What a machine gives, as it was measured.
 *
 * @param storage random direct reads, with as many at a time as are of use
 * @param reading how experts come when layers ask for them
 * @param weightBytesPerSecond bytes of weights that the kernels multiply, with the threads that will compute
 */
public record MachineSpeed(StorageRate storage, ReadingPace reading, double weightBytesPerSecond) {}

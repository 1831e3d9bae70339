package tilewright.compiler.forecast;

import tilewright.edge.expert.StorageRate;

/**
 * What a machine gives, as it was measured.
 *
 * @param storage random direct reads, with as many at a time as are of use
 * @param weightBytesPerSecond bytes of weights that the kernels multiply, with the threads that will compute
 */
public record MachineSpeed(StorageRate storage, double weightBytesPerSecond) {}

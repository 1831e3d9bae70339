package tilewright.compiler.forecast;

/**
 * What a machine gives, as it was measured.
 *
 * @param storageBytesPerSecond random direct reads, with as many at a time as are of use
 * @param weightBytesPerSecond bytes of weights that the kernels multiply, with the threads that will compute
 */
public record MachineSpeed(double storageBytesPerSecond, double weightBytesPerSecond) {}

/**
 * Ports of AXI4, AXI4-Lite and AXI4-Stream under the standard's signal names, and their channels as streams.
 *
 * <pre>{@code
 * final Axi4 memory = out(Axi4.of(32, 64, 4));          // memory_araddr, memory_arvalid, memory_rdata, ...
 * final Stream<Axi4.Address> requests = in(Stream.of(Axi4.Address.of(memory.shape())));
 *
 * memory.ar().assign(requests);
 * Stream<Bits> words = memory.r().map(r -> r.data);
 * }</pre>
 */
package tilewright.hw.lang.axi;

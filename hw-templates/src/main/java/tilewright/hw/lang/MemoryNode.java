package tilewright.hw.lang;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import tilewright.hw.lang.design.SourceLocation;

/** A memory under construction. */
final class MemoryNode {
    /** A write port; {@code mask} is null for whole words. */
    record Write(ClockDomain domain, Node enable, Node address, Node data, Node mask, SourceLocation at) {}

    /** A synchronous read port. */
    record Read(Node.NetNode data, Node enable, Node address, SourceLocation at) {}

    /** An asynchronous read. */
    record Look(ClockDomain domain, SourceLocation at) {}

    final ModuleBuilder owner;
    final int width;
    final int depth;
    final List<BigInteger> contents;
    final SourceLocation at;
    final List<Write> writes = new ArrayList<>();
    final List<Read> reads = new ArrayList<>();
    final List<Look> looks = new ArrayList<>();
    boolean dualPort;
    String name;

    MemoryNode(ModuleBuilder owner, int width, int depth, List<BigInteger> contents, SourceLocation at) {
        this.owner = owner;
        this.width = width;
        this.depth = depth;
        this.contents = contents;
        this.at = at;
    }
}

package tilewright.hw.lang;

import java.math.BigInteger;
import java.util.List;
import tilewright.hw.lang.design.Evaluation;
import tilewright.hw.lang.design.Expression;
import tilewright.hw.lang.design.Finding;

/**
 * An array of words in a block or distributed memory. Reads are synchronous, one clock late, unless they say otherwise;
 * a read sees what was stored before the clock's edge. Each call of a method is one port of the memory.
 *
 * <p>An address at or past the depth writes nothing and reads zero in simulation, and is not to be relied on.
 */
public final class Mem<T extends Data> {
    private final MemoryNode node;
    private final Type<T> word;

    private Mem(MemoryNode node, Type<T> word) {
        this.node = node;
        this.word = word;
    }

    static <T extends Data> Mem<T> of(int depth, Type<T> word, List<BigInteger> contents) {
        if (depth < 1) {
            throw new InvalidDesignException(Author.here(), "a memory of " + depth + " words; the fewest are 1");
        }
        T sample = Hdl.make(word);
        int width = sample.width();
        boolean signed = sample instanceof Signal signal && signal.signed();
        for (int i = 0; i < contents.size(); i++) {
            BigInteger value = contents.get(i);
            if (!Expression.fits(value, width, signed) && !Expression.fits(value, width, false)) {
                throw new InvalidDesignException(
                        Author.here(),
                        "word " + i + " of the memory is " + value + ", which needs more than its " + width
                                + " bits; widen the word");
            }
        }
        ModuleBuilder module = ModuleBuilder.current();
        List<BigInteger> bits = contents.stream()
                .map(value -> Evaluation.wrap(value, width, false))
                .toList();
        MemoryNode node = new MemoryNode(module, width, depth, bits, Author.here());
        module.memories.add(node);
        return new Mem<>(node, word);
    }

    MemoryNode node() {
        return node;
    }

    /** How many words. */
    public int depth() {
        return node.depth;
    }

    /** The bits of an address. */
    public int addressWidth() {
        return Hdl.indexWidth(node.depth);
    }

    /** Asks for a true dual-port memory, which may be written by two ports; where both write one word, the later wins. */
    public Mem<T> dualPort() {
        node.dualPort = true;
        return this;
    }

    /** Names this memory where no field does. */
    public Mem<T> named(String name) {
        node.name = name;
        return this;
    }

    /** The word at an address, one clock later; it holds where the conditions around this call do not. */
    public T read(UInt address) {
        return read(address, Hdl.bool(true));
    }

    /** The word at an address one clock after {@code enable} held; it holds otherwise. */
    public T read(UInt address, Bool enable) {
        ModuleBuilder module = inside();
        Node around = module.scope().fullCondition();
        Node full = around == null ? enable.node() : Nodes.binary(Node.Operator.AND, around, enable.node());
        Node.NetNode data = module.net(Node.NetKind.READ, node.width, false);
        node.reads.add(new MemoryNode.Read(data, full, checked(address), Author.here()));
        data.memory = node;
        return Hdl.unpack(new Bits(data), word);
    }

    /** The word at an address, now; such memories are built from lookup tables. */
    public T readAsync(UInt address) {
        ModuleBuilder module = inside();
        node.looks.add(new MemoryNode.Look(module.domain(), Author.here()));
        return Hdl.unpack(new Bits(Nodes.lookup(node, checked(address))), word);
    }

    /** Writes a word at the clock's edge where the conditions around this call hold. */
    public void write(UInt address, T data) {
        write(address, data, Hdl.bool(true));
    }

    /** Writes a word at the clock's edge where {@code enable} and the conditions around this call hold. */
    public void write(UInt address, T data, Bool enable) {
        write(address, data, enable, null);
    }

    /** Writes the lanes of a word whose bit in {@code mask} is set; lane 0 is the least significant. */
    public void writeMasked(UInt address, T data, Bool enable, Bits mask) {
        if (node.width % mask.width() != 0) {
            inside().problem(
                            Finding.Rule.WIDTH_MISMATCH,
                            mask.node(),
                            () -> "a mask of " + mask.width() + " bits for a word of " + node.width
                                    + "; the mask's width must divide the word's");
            return;
        }
        write(address, data, enable, mask.node());
    }

    private void write(UInt address, T data, Bool enable, Node mask) {
        ModuleBuilder module = inside();
        Node around = module.scope().fullCondition();
        Node full = around == null ? enable.node() : Nodes.binary(Node.Operator.AND, around, enable.node());
        Node bits = data.asBits().node();
        Node fitted = Data.fitted(bits, node.width, false, bits);
        node.writes.add(new MemoryNode.Write(module.domain(), full, checked(address), fitted, mask, Author.here()));
    }

    private Node checked(UInt address) {
        return Data.fitted(address.node(), addressWidth(), false, address.node());
    }

    private ModuleBuilder inside() {
        ModuleBuilder module = ModuleBuilder.current();
        if (module != node.owner) {
            throw new InvalidDesignException(
                    Author.here(), "a memory of another component is used; hand its words over by ports");
        }
        return module;
    }
}

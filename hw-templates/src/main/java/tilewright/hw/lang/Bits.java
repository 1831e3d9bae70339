package tilewright.hw.lang;

/** Bits without a number's meaning. */
public final class Bits extends BitVector<Bits> {
    Bits(int width) {
        super(width, false);
    }

    Bits(Node node) {
        super(Nodes.reinterpret(node, false));
    }

    @Override
    Bits of(Node value) {
        return new Bits(value);
    }

    @Override
    Bits sibling() {
        return new Bits(width());
    }

    /** These bits above the others. */
    public Bits above(Data others) {
        return Hdl.cat(this, others);
    }

    /** These bits as a value of a type of the same width, the inverse of {@link Data#asBits()}. */
    public <T extends Data> T as(Type<T> type) {
        return Hdl.unpack(this, type);
    }
}

package tilewright.hw.lang.axi;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import tilewright.hw.lang.Bits;
import tilewright.hw.lang.Bool;
import tilewright.hw.lang.Bundle;
import tilewright.hw.lang.Channels;
import tilewright.hw.lang.Data;
import tilewright.hw.lang.Hdl;
import tilewright.hw.lang.ReadyValid;
import tilewright.hw.lang.Type;
import tilewright.hw.lang.UInt;
import tilewright.hw.lang.stream.Stream;

/**
 * AXI4 (ARM IHI 0022, issue E) from the manager's side: {@code out(Axi4.of(...))} is a manager's port, {@code in} a
 * subordinate's. The signals bear the standard's names; {@link #aw()} to {@link #r()} are the same nets as streams.
 *
 * <p>Signals for which the standard has a default (lock, cache, protection, quality of service, region, user) are left
 * out, and so are the identifiers when their width is 0.
 */
public final class Axi4 extends Bundle implements Channels {
    /** How wide a port is. */
    public record Shape(int addressBits, int dataBits, int idBits) {
        /** The bytes of a word. */
        public int bytes() {
            return dataBits / 8;
        }
    }

    /** The code of bursts whose addresses increase. */
    public static final int BURST_INCREASING = 1;
    /** The response of a transfer that went well. */
    public static final int RESPONSE_OKAY = 0;

    private final Shape shape;
    /** Write address channel. */
    public final UInt awid;

    public final UInt awaddr;
    /** Words of the burst, less one. */
    public final UInt awlen;
    /** The bytes of a word, as a power of two. */
    public final UInt awsize;

    public final UInt awburst;
    public final Bool awvalid;
    public final Bool awready;
    /** Write data channel. */
    public final Bits wdata;
    /** One bit for each byte that is to be written. */
    public final Bits wstrb;

    public final Bool wlast;
    public final Bool wvalid;
    public final Bool wready;
    /** Write response channel. */
    public final UInt bid;

    public final UInt bresp;
    public final Bool bvalid;
    public final Bool bready;
    /** Read address channel. */
    public final UInt arid;

    public final UInt araddr;
    /** Words of the burst, less one. */
    public final UInt arlen;
    /** The bytes of a word, as a power of two. */
    public final UInt arsize;

    public final UInt arburst;
    public final Bool arvalid;
    public final Bool arready;
    /** Read data channel. */
    public final UInt rid;

    public final Bits rdata;
    public final UInt rresp;
    public final Bool rlast;
    public final Bool rvalid;
    public final Bool rready;

    private Axi4(Shape shape) {
        this.shape = shape;
        boolean ids = shape.idBits > 0;
        awid = ids ? field(uint(shape.idBits)) : null;
        awaddr = field(uint(shape.addressBits));
        awlen = field(uint(8));
        awsize = field(uint(3));
        awburst = field(uint(2));
        awvalid = field(bool());
        awready = back(bool());
        wdata = field(bits(shape.dataBits));
        wstrb = field(bits(shape.bytes()));
        wlast = field(bool());
        wvalid = field(bool());
        wready = back(bool());
        bid = ids ? back(uint(shape.idBits)) : null;
        bresp = back(uint(2));
        bvalid = back(bool());
        bready = field(bool());
        arid = ids ? field(uint(shape.idBits)) : null;
        araddr = field(uint(shape.addressBits));
        arlen = field(uint(8));
        arsize = field(uint(3));
        arburst = field(uint(2));
        arvalid = field(bool());
        arready = back(bool());
        rid = ids ? back(uint(shape.idBits)) : null;
        rdata = back(bits(shape.dataBits));
        rresp = back(uint(2));
        rlast = back(bool());
        rvalid = back(bool());
        rready = field(bool());
    }

    /**
     * The type of such ports.
     *
     * @throws IllegalArgumentException when the data's width is not one of AXI: 8, 16, 32, ... 1024
     */
    public static Type<Axi4> of(int addressBits, int dataBits, int idBits) {
        Shape shape = new Shape(addressBits, dataBits, idBits);
        AxiWidths.check(dataBits, 8, 1024);
        return () -> new Axi4(shape);
    }

    /** How wide this port is. */
    public Shape shape() {
        return shape;
    }

    /** The burst that an address channel asks for. */
    public static final class Address extends Bundle {
        /** The transaction's identifier; null where the port has none. */
        public final UInt id;
        /** The first byte's address. */
        public final UInt addr;
        /** Words of the burst, less one. */
        public final UInt len;
        /** The bytes of a word, as a power of two. */
        public final UInt size;
        /** How addresses go on; {@link Axi4#BURST_INCREASING} is the usual one. */
        public final UInt burst;

        private Address(Shape shape) {
            id = shape.idBits > 0 ? field(uint(shape.idBits)) : null;
            addr = field(uint(shape.addressBits));
            len = field(uint(8));
            size = field(uint(3));
            burst = field(uint(2));
        }

        /** The type of addresses of ports of a shape. */
        public static Type<Address> of(Shape shape) {
            return () -> new Address(shape);
        }
    }

    /** A word to write. */
    public static final class WriteData extends Bundle {
        /** The word. */
        public final Bits data;
        /** One bit for each byte that is to be written. */
        public final Bits strb;
        /** Whether it ends the burst. */
        public final Bool last;

        private WriteData(Shape shape) {
            data = field(bits(shape.dataBits));
            strb = field(bits(shape.bytes()));
            last = field(bool());
        }

        /** The type of words of ports of a shape. */
        public static Type<WriteData> of(Shape shape) {
            return () -> new WriteData(shape);
        }
    }

    /** How a burst of writes went. */
    public static final class WriteResponse extends Bundle {
        /** The transaction's identifier; null where the port has none. */
        public final UInt id;
        /** {@link Axi4#RESPONSE_OKAY}, or an error. */
        public final UInt resp;

        private WriteResponse(Shape shape) {
            id = shape.idBits > 0 ? field(uint(shape.idBits)) : null;
            resp = field(uint(2));
        }

        /** The type of responses of ports of a shape. */
        public static Type<WriteResponse> of(Shape shape) {
            return () -> new WriteResponse(shape);
        }
    }

    /** A word that was read. */
    public static final class ReadData extends Bundle {
        /** The transaction's identifier; null where the port has none. */
        public final UInt id;
        /** The word. */
        public final Bits data;
        /** {@link Axi4#RESPONSE_OKAY}, or an error. */
        public final UInt resp;
        /** Whether it ends the burst. */
        public final Bool last;

        private ReadData(Shape shape) {
            id = shape.idBits > 0 ? field(uint(shape.idBits)) : null;
            data = field(bits(shape.dataBits));
            resp = field(uint(2));
            last = field(bool());
        }

        /** The type of words of ports of a shape. */
        public static Type<ReadData> of(Shape shape) {
            return () -> new ReadData(shape);
        }
    }

    /** The write address channel as a stream. */
    public Stream<Address> aw() {
        return channel(awvalid, awready, Address.of(shape), awid, awaddr, awlen, awsize, awburst);
    }

    /** The write data channel as a stream. */
    public Stream<WriteData> w() {
        return channel(wvalid, wready, WriteData.of(shape), wdata, wstrb, wlast);
    }

    /** The write response channel as a stream, which runs from the subordinate to the manager. */
    public Stream<WriteResponse> b() {
        return channel(bvalid, bready, WriteResponse.of(shape), bid, bresp);
    }

    /** The read address channel as a stream. */
    public Stream<Address> ar() {
        return channel(arvalid, arready, Address.of(shape), arid, araddr, arlen, arsize, arburst);
    }

    /** The read data channel as a stream, which runs from the subordinate to the manager. */
    public Stream<ReadData> r() {
        return channel(rvalid, rready, ReadData.of(shape), rid, rdata, rresp, rlast);
    }

    static <T extends Data> Stream<T> channel(Bool valid, Bool ready, Type<T> word, Data... parts) {
        List<Data> present = new ArrayList<>();
        for (Data part : parts) {
            if (Objects.nonNull(part)) {
                present.add(part);
            }
        }
        return Stream.view(valid, ready, Hdl.view(word, present));
    }

    @Override
    public Map<String, ReadyValid> channels() {
        Map<String, ReadyValid> result = new LinkedHashMap<>();
        result.put("aw", aw());
        result.put("w", w());
        result.put("b", b());
        result.put("ar", ar());
        result.put("r", r());
        return result;
    }
}

package tilewright.hw.lang.axi;

import java.util.LinkedHashMap;
import java.util.Map;
import tilewright.hw.lang.Bits;
import tilewright.hw.lang.Bool;
import tilewright.hw.lang.Bundle;
import tilewright.hw.lang.Channels;
import tilewright.hw.lang.ReadyValid;
import tilewright.hw.lang.Type;
import tilewright.hw.lang.UInt;
import tilewright.hw.lang.stream.Pair;
import tilewright.hw.lang.stream.Stream;

/**
 * AXI4-Lite (ARM IHI 0022, issue E, part B) from the manager's side: single words, no bursts. The signals bear the
 * standard's names; {@link #aw()} to {@link #r()} are the same nets as streams. Protection is left out.
 */
public final class Axi4Lite extends Bundle implements Channels {
    private final int addressBits;
    private final int dataBits;
    /** Write address channel. */
    public final UInt awaddr;

    public final Bool awvalid;
    public final Bool awready;
    /** Write data channel. */
    public final Bits wdata;
    /** One bit for each byte that is to be written. */
    public final Bits wstrb;

    public final Bool wvalid;
    public final Bool wready;
    /** Write response channel. */
    public final UInt bresp;

    public final Bool bvalid;
    public final Bool bready;
    /** Read address channel. */
    public final UInt araddr;

    public final Bool arvalid;
    public final Bool arready;
    /** Read data channel. */
    public final Bits rdata;

    public final UInt rresp;
    public final Bool rvalid;
    public final Bool rready;

    private Axi4Lite(int addressBits, int dataBits) {
        this.addressBits = addressBits;
        this.dataBits = dataBits;
        awaddr = field(uint(addressBits));
        awvalid = field(bool());
        awready = back(bool());
        wdata = field(bits(dataBits));
        wstrb = field(bits(dataBits / 8));
        wvalid = field(bool());
        wready = back(bool());
        bresp = back(uint(2));
        bvalid = back(bool());
        bready = field(bool());
        araddr = field(uint(addressBits));
        arvalid = field(bool());
        arready = back(bool());
        rdata = back(bits(dataBits));
        rresp = back(uint(2));
        rvalid = back(bool());
        rready = field(bool());
    }

    /**
     * The type of such ports.
     *
     * @throws IllegalArgumentException when the data's width is neither 32 nor 64
     */
    public static Type<Axi4Lite> of(int addressBits, int dataBits) {
        AxiWidths.check(dataBits, 32, 64);
        return () -> new Axi4Lite(addressBits, dataBits);
    }

    /** The write address channel as a stream. */
    public Stream<UInt> aw() {
        return Axi4.channel(awvalid, awready, uint(addressBits), awaddr);
    }

    /** The write data channel as a stream of words and their byte masks. */
    public Stream<Pair<Bits, Bits>> w() {
        return Axi4.channel(wvalid, wready, Pair.of(bits(dataBits), bits(dataBits / 8)), wdata, wstrb);
    }

    /** The write response channel as a stream, which runs from the subordinate to the manager. */
    public Stream<UInt> b() {
        return Axi4.channel(bvalid, bready, uint(2), bresp);
    }

    /** The read address channel as a stream. */
    public Stream<UInt> ar() {
        return Axi4.channel(arvalid, arready, uint(addressBits), araddr);
    }

    /** The read data channel as a stream of words and their responses, which runs from the subordinate to the manager. */
    public Stream<Pair<Bits, UInt>> r() {
        return Axi4.channel(rvalid, rready, Pair.of(bits(dataBits), uint(2)), rdata, rresp);
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

package tilewright.hw.lang.axi;

import tilewright.hw.lang.Bits;
import tilewright.hw.lang.Bool;
import tilewright.hw.lang.Bundle;
import tilewright.hw.lang.Data;
import tilewright.hw.lang.ReadyValid;
import tilewright.hw.lang.Type;
import tilewright.hw.lang.stream.Last;
import tilewright.hw.lang.stream.Stream;

/**
 * AXI4-Stream (ARM IHI 0051, issue A) with data and packets: {@code tdata} and {@code tlast} under the standard's names.
 * {@link #stream()} is the same nets as a stream.
 */
public final class Axi4Stream extends Bundle implements ReadyValid {
    /** The word. */
    public final Bits tdata;
    /** Whether it ends a packet. */
    public final Bool tlast;
    /** Whether a word is offered. */
    public final Bool tvalid;
    /** Whether the word would be taken. */
    public final Bool tready;

    private Axi4Stream(int dataBits) {
        tdata = field(bits(dataBits));
        tlast = field(bool());
        tvalid = field(bool());
        tready = back(bool());
    }

    /**
     * The type of such ports.
     *
     * @throws IllegalArgumentException when the data is not of whole bytes
     */
    public static Type<Axi4Stream> of(int dataBits) {
        if (dataBits < 8 || dataBits % 8 != 0) {
            throw new IllegalArgumentException("AXI stream data of " + dataBits + " bits; it takes whole bytes");
        }
        return () -> new Axi4Stream(dataBits);
    }

    /** The words with their marks as a stream. */
    public Stream<Last<Bits>> stream() {
        return Axi4.channel(tvalid, tready, Last.of(bits(tdata.width())), tdata, tlast);
    }

    @Override
    public Bool validSignal() {
        return tvalid;
    }

    @Override
    public Bool readySignal() {
        return tready;
    }

    @Override
    public Data payloadSignal() {
        return stream().payload;
    }
}

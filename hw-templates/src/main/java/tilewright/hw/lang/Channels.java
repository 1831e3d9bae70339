package tilewright.hw.lang;

import java.util.Map;

/** A bundle of several handshakes whose signals it declares itself, such as the channels of AXI. */
public interface Channels {
    /** The handshakes by their names, in a fixed order. */
    Map<String, ReadyValid> channels();
}

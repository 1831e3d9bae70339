package tilewright.hw.lang.design;

import java.util.List;

/**
 * A stream of a module: a word passes at each rising edge at which valid and ready both hold.
 *
 * @param name the stream's name; its nets begin with it
 * @param payload the nets of the word, first declared first; empty for a stream of mere events
 * @param role which side this module has
 */
public record Handshake(String name, Net valid, Net ready, List<Net> payload, Role role) {
    /** Which side of a stream a module has. */
    public enum Role {
        /** A port that receives: valid and payload are inputs, ready is an output. */
        SLAVE,
        /** A port that sends: valid and payload are outputs, ready is an input. */
        MASTER,
        /** Both sides are inside the module. */
        INTERNAL
    }
}

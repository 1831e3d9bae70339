package tilewright.hw.lang;

/** A bundle with a handshake: the checks hold that valid does not wait for ready, and test benches find its parts. */
public interface ReadyValid {
    /** Whether a word is offered. */
    Bool validSignal();

    /** Whether it would be taken. */
    Bool readySignal();

    /** The word. */
    Data payloadSignal();
}

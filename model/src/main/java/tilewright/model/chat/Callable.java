package tilewright.model.chat;

/** A function, method or macro. */
interface Callable {
    Object call(Given given);
}

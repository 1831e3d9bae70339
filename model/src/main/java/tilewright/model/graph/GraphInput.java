package tilewright.model.graph;

/**
 * A value that the caller feeds.
 *
 * @param name the value's name
 * @param type its type
 */
public record GraphInput(String name, Type type) {}

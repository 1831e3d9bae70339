package tilewright.hw.lang;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntFunction;
import tilewright.hw.lang.design.Finding;

/** Several values of one type, numbered from 0; its nets are called {@code name_0}, {@code name_1}, ... */
public final class Vec<T extends Data> extends Data implements Iterable<T> {
    private final List<T> elements;

    Vec(List<T> elements) {
        this.elements = List.copyOf(elements);
        if (elements.isEmpty()) {
            throw new InvalidDesignException(Author.here(), "a vector of no elements; the fewest are 1");
        }
    }

    /** A vector of values that exist already. */
    public static <T extends Data> Vec<T> of(List<T> elements) {
        return new Vec<>(elements);
    }

    /** A vector of what {@code element} makes for each index. */
    public static <T extends Data> Vec<T> tabulate(int size, IntFunction<T> element) {
        List<T> result = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            result.add(element.apply(i));
        }
        return new Vec<>(result);
    }

    @Override
    List<Signal> leaves() {
        return elements.stream().flatMap(element -> element.leaves().stream()).toList();
    }

    @Override
    void visit(String name, boolean flipped, Visitor visitor) {
        for (int i = 0; i < elements.size(); i++) {
            elements.get(i).visit(join(name, Integer.toString(i)), flipped, visitor);
        }
    }

    @Override
    @SuppressWarnings("unchecked")
    Vec<T> sibling() {
        return new Vec<>(elements.stream().map(element -> (T) element.sibling()).toList());
    }

    /** How many elements. */
    public int size() {
        return elements.size();
    }

    /** Element {@code index}. */
    public T get(int index) {
        return elements.get(index);
    }

    /** The element that {@code index} says; the last one past the end. */
    public T get(UInt index) {
        return choose(index, 0, checked(index).width() - 1);
    }

    /** The element in whose index the bits above {@code bit} are those of {@code base}. */
    private T choose(UInt index, int base, int bit) {
        if (bit < 0 || base >= elements.size()) {
            return elements.get(Math.min(base, elements.size() - 1));
        }
        T high = choose(index, base + (1 << bit), bit - 1);
        return Hdl.mux(index.bit(bit), high, choose(index, base, bit - 1));
    }

    /** Drives the element that {@code index} says; none past the end. */
    public void set(UInt index, T value) {
        checked(index);
        for (int i = 0; i < elements.size(); i++) {
            T element = elements.get(i);
            Hdl.when(index.eq(i), () -> Hdl.assign(element, value));
        }
    }

    private UInt checked(UInt index) {
        int wanted = Hdl.indexWidth(elements.size());
        if (index.width() != wanted) {
            ModuleBuilder.current()
                    .problem(
                            Finding.Rule.WIDTH_MISMATCH,
                            index.node(),
                            () -> "an index of " + index.width() + " bits into " + elements.size()
                                    + " elements; it takes " + wanted);
            return index.resize(wanted);
        }
        return index;
    }

    /** What {@code function} makes of each element. */
    public <R extends Data> Vec<R> map(Function<T, R> function) {
        return new Vec<>(elements.stream().map(function).toList());
    }

    /** Drives each element with the other vector's. */
    public void assign(Vec<T> value) {
        Hdl.assign(this, value);
    }

    @Override
    public Iterator<T> iterator() {
        return elements.iterator();
    }

    /** The elements. */
    public List<T> elements() {
        return elements;
    }
}

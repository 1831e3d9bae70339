package tilewright.model.tokenizer;

import java.util.Arrays;

/** Integers, appended one by one. */
final class IntList {
    private int[] values;
    private int size;

    IntList(int expected) {
        values = new int[Math.max(16, expected)];
    }

    void add(int value) {
        if (size == values.length) {
            values = Arrays.copyOf(values, grown(size + 1L));
        }
        values[size++] = value;
    }

    void addAll(int[] more) {
        if (size + (long) more.length > values.length) {
            values = Arrays.copyOf(values, grown(size + (long) more.length));
        }
        System.arraycopy(more, 0, values, size, more.length);
        size += more.length;
    }

    int size() {
        return size;
    }

    int get(int index) {
        return values[index];
    }

    /** Turns the values from {@code from} to the end around. */
    void reverse(int from) {
        for (int i = from, j = size - 1; i < j; i++, j--) {
            int value = values[i];
            values[i] = values[j];
            values[j] = value;
        }
    }

    int[] toArray() {
        return Arrays.copyOf(values, size);
    }

    private int grown(long least) {
        if (least > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException("more than " + (Integer.MAX_VALUE - 8) + " tokens");
        }
        return (int) Math.min(Integer.MAX_VALUE - 8, Math.max(least, values.length * 2L));
    }
}

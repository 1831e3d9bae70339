package tilewright.model.chat;

import java.util.AbstractList;
import java.util.List;

/** A list that is written in parentheses, and that equals no list written in brackets. */
final class Tuple extends AbstractList<Object> {
    private final List<?> items;

    /** @param items which are not changed afterwards */
    Tuple(List<?> items) {
        this.items = items;
    }

    @Override
    public Object get(int index) {
        return items.get(index);
    }

    @Override
    public int size() {
        return items.size();
    }
}

package tilewright.model.chat;

import java.util.List;

/** What a template knows about a loop that runs: the variable {@code loop}. */
final class Loop implements Callable {
    private final List<Object> items;
    private final int depth;
    /** What renders the loop's body for other items; null unless the loop is recursive. */
    private final Callable again;

    private int index;
    private List<Object> changed;

    Loop(List<Object> items, int depth, Callable again) {
        this.items = items;
        this.depth = depth;
        this.again = again;
    }

    void moveTo(int newIndex) {
        index = newIndex;
    }

    Object attribute(String name) {
        return switch (name) {
            case "index" -> index + 1L;
            case "index0" -> (long) index;
            case "revindex" -> (long) items.size() - index;
            case "revindex0" -> items.size() - index - 1L;
            case "first" -> index == 0;
            case "last" -> index == items.size() - 1;
            case "length" -> (long) items.size();
            case "depth" -> depth + 1L;
            case "depth0" -> (long) depth;
            case "previtem" -> index > 0 ? items.get(index - 1) : new Undefined("the item before the first");
            case "nextitem" ->
                index + 1 < items.size() ? items.get(index + 1) : new Undefined("the item behind the last");
            case "cycle" ->
                (Callable) given -> {
                    if (given.positional().isEmpty()) {
                        throw new TemplateException("loop.cycle needs values");
                    }
                    return given.positional().get(index % given.positional().size());
                };
            case "changed" ->
                (Callable) given -> {
                    boolean isNew = changed == null || !Values.equal(changed, given.positional());
                    changed = given.positional();
                    return isNew;
                };
            default -> new Undefined("'" + name + "' of a loop");
        };
    }

    @Override
    public Object call(Given given) {
        if (again == null) {
            throw new TemplateException("the loop is not recursive");
        }
        return again.call(given);
    }
}

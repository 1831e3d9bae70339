package tilewright.model.tokenizer;

import java.util.List;

/** A step that cuts text into pieces, or changes pieces, on the way to the model. */
interface HfPieces {
    /**
     * A piece of the text.
     *
     * @param first whether it begins where the whole text does
     */
    record Piece(String text, boolean first) {}

    /** Takes pieces from left to right. */
    interface Next {
        void piece(Piece piece);
    }

    /** Passes on what becomes of a piece; empty pieces are dropped. */
    void apply(Piece piece, Next next);

    /** What is done with what matches. */
    enum Behaviour {
        REMOVED,
        ISOLATED,
        MERGED_WITH_PREVIOUS,
        MERGED_WITH_NEXT,
        CONTIGUOUS
    }

    /** A step that does nothing. */
    static HfPieces none() {
        return (piece, next) -> pass(piece.text(), piece.first(), next);
    }

    /** One step after the other. */
    static HfPieces sequence(List<HfPieces> steps) {
        HfPieces all = none();
        for (int i = steps.size() - 1; i >= 0; i--) {
            HfPieces step = steps.get(i);
            HfPieces rest = all;
            all = i == steps.size() - 1 ? step : (piece, next) -> step.apply(piece, part -> rest.apply(part, next));
        }
        return all;
    }

    /** A step that cuts at the matches of a pattern. */
    static HfPieces split(HfPattern pattern, Behaviour behaviour) {
        return switch (behaviour) {
            case ISOLATED ->
                (piece, next) -> pattern.find(piece.text(), (from, to, matches) -> cut(piece, from, to, next));
            case REMOVED ->
                (piece, next) -> pattern.find(piece.text(), (from, to, matches) -> {
                    if (!matches) {
                        cut(piece, from, to, next);
                    }
                });
            case CONTIGUOUS ->
                (piece, next) -> {
                    Joined joined = new Joined(piece, next);
                    pattern.find(piece.text(), (from, to, matches) -> {
                        if (matches != joined.matched) {
                            joined.emit();
                        }
                        joined.extend(from, to, matches);
                    });
                    joined.emit();
                };
            case MERGED_WITH_PREVIOUS ->
                (piece, next) -> {
                    Joined joined = new Joined(piece, next);
                    pattern.find(piece.text(), (from, to, matches) -> {
                        if (!matches || joined.matched) {
                            joined.emit();
                        }
                        joined.extend(from, to, matches);
                    });
                    joined.emit();
                };
            case MERGED_WITH_NEXT ->
                (piece, next) -> {
                    Joined joined = new Joined(piece, next);
                    pattern.find(piece.text(), (from, to, matches) -> {
                        if (matches || !joined.matched) {
                            joined.emit();
                        }
                        joined.extend(from, to, matches);
                    });
                    joined.emit();
                };
        };
    }

    /** A stretch that may still grow. */
    final class Joined {
        private final Piece piece;
        private final Next next;
        private int from;
        private int to;
        boolean matched;

        Joined(Piece piece, Next next) {
            this.piece = piece;
            this.next = next;
        }

        void extend(int start, int end, boolean matches) {
            if (from == to) {
                from = start;
            }
            to = end;
            matched = matches;
        }

        void emit() {
            cut(piece, from, to, next);
            from = to;
        }
    }

    private static void cut(Piece piece, int from, int to, Next next) {
        if (from < to) {
            boolean whole = from == 0 && to == piece.text().length();
            next.piece(whole ? piece : new Piece(piece.text().substring(from, to), piece.first() && from == 0));
        }
    }

    private static void pass(String text, boolean first, Next next) {
        if (!text.isEmpty()) {
            next.piece(new Piece(text, first));
        }
    }
}

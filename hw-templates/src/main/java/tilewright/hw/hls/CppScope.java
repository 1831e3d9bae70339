package tilewright.hw.hls;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** A region of C++ text with the names, pragmas and regions that it holds. */
final class CppScope {
    enum Kind {
        FILE,
        STRUCT,
        FUNCTION,
        LOOP,
        BLOCK
    }

    /**
     * A declared name.
     *
     * @param type the tokens of its type, joined by spaces; empty when unknown
     * @param pointer whether it is declared with {@code *}
     * @param dimensions what stands in each pair of brackets
     * @param value the initialiser of a constant; empty for what has no value known here
     * @param constant whether it can stand in a constant expression
     */
    record Variable(
            String name,
            int line,
            String type,
            boolean pointer,
            List<List<CppToken>> dimensions,
            List<CppToken> value,
            boolean constant) {
        boolean scalar() {
            return dimensions.isEmpty()
                    && !pointer
                    && type.matches(
                            "(const )?((un)?signed|int|short|long|char|bool|float|double|u?int\\d+_t|size_t|ap_u?int\\b.*)"
                                    + "( (int|long|char|short))*");
        }
    }

    /**
     * A pragma where it stands.
     *
     * @param text what follows {@code #pragma}
     * @param first whether only pragmas stand before it in its region
     */
    record Place(String text, int line, CppScope scope, boolean first) {}

    final Kind kind;
    final CppScope parent;
    final int line;
    /** Of a function or struct its name, of a loop its label, else empty. */
    final String name;

    final Map<String, Variable> variables = new LinkedHashMap<>();
    final Map<String, Variable> parameters = new LinkedHashMap<>();
    final List<CppScope> children = new ArrayList<>();
    final List<Place> pragmas = new ArrayList<>();
    /** Of a pragma that stands directly before a loop, that loop. */
    final Map<Place, CppScope> before = new LinkedHashMap<>();

    boolean hasStatements;

    CppScope(Kind kind, CppScope parent, int line, String name) {
        this.kind = kind;
        this.parent = parent;
        this.line = line;
        this.name = name;
        if (parent != null) {
            parent.children.add(this);
        }
    }

    void declare(Variable variable) {
        variables.put(variable.name(), variable);
    }

    /** The function around this region, if there is one. */
    Optional<CppScope> function() {
        return kind == Kind.FUNCTION
                ? Optional.of(this)
                : Optional.ofNullable(parent).flatMap(CppScope::function);
    }

    /** A name that is visible at a line of this region. */
    Optional<Variable> visible(String wanted, int atLine) {
        boolean local = kind != Kind.FILE && kind != Kind.STRUCT;
        Variable own = variables.get(wanted);
        if (own != null && (!local || own.line() <= atLine)) {
            return Optional.of(own);
        }
        return Optional.ofNullable(parent).flatMap(outer -> outer.visible(wanted, atLine));
    }

    /** The names visible at a line of this region, functions' parameters included, file constants left out. */
    Set<String> visibleNames(int atLine) {
        Set<String> names = kind == Kind.FILE ? new TreeSet<>() : parent.visibleNames(atLine);
        variables.values().stream()
                .filter(variable -> kind != Kind.FILE || !variable.constant())
                .filter(variable -> kind == Kind.FILE || kind == Kind.STRUCT || variable.line() <= atLine)
                .forEach(variable -> names.add(variable.name()));
        return names;
    }

    /** A name declared in this region or in one inside it. */
    Optional<Variable> anywhere(String wanted) {
        if (variables.containsKey(wanted)) {
            return Optional.of(variables.get(wanted));
        }
        return children.stream()
                .flatMap(child -> child.anywhere(wanted).stream())
                .findFirst();
    }

    /** For messages: {@code loop 'ROW'}, {@code the loop of line 4}, {@code function 'top'}. */
    String described() {
        return switch (kind) {
            case FILE -> "the file";
            case STRUCT -> "struct '" + name + "'";
            case FUNCTION -> "function '" + name + "'";
            case LOOP -> name.isEmpty() ? "the loop of line " + line : "loop '" + name + "'";
            case BLOCK -> "the block of line " + line;
        };
    }
}

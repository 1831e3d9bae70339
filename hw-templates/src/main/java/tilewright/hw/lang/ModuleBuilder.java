package tilewright.hw.lang;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Supplier;
import tilewright.hw.lang.design.Finding;
import tilewright.hw.lang.design.SourceLocation;

/** What a component's constructor has described so far. */
final class ModuleBuilder {
    /** The component whose constructor, or whose statement, is being run. */
    static final ScopedValue<ModuleBuilder> CURRENT = ScopedValue.newInstance();

    /** An assertion under construction. */
    record Claim(ClockDomain domain, Node condition, String message, SourceLocation at) {}

    /** A stream and what it is called. */
    record NamedStream(String name, ReadyValid stream) {}

    /** A vendor's primitive under construction. */
    record Vendor(String name, List<Parameter> parameters, List<In> inputs, List<Out> outputs, SourceLocation at) {
        record Parameter(String name, String text) {}

        record In(String pin, Node value) {}

        record Out(String pin, int width, int high, int low, Node.NetNode net, int offset) {}
    }

    final ModuleBuilder parent;
    final Problems problems;
    final SourceLocation at;
    /** The clock that the component uses unless it says otherwise. */
    final ClockDomain local;
    /** The parent's clock that {@link #local} stands for; null in the top. */
    final ClockDomain outer;

    final List<Node.NetNode> nets = new ArrayList<>();
    final List<MemoryNode> memories = new ArrayList<>();
    final List<ModuleBuilder> children = new ArrayList<>();
    final List<Claim> claims = new ArrayList<>();
    final List<NamedStream> streams = new ArrayList<>();
    final Block body = new Block(null, null);
    private final Deque<Block> scopes = new ArrayDeque<>(List.of(body));
    private final Deque<ClockDomain> domains = new ArrayDeque<>();
    Vendor vendor;
    Component component;
    /** What the instance is named after when no field holds it. */
    Node.Hint hint;
    /** The name of the instance in the parent; the top has none. */
    String name;

    private ModuleBuilder(ModuleBuilder parent, Problems problems, SourceLocation at) {
        this.parent = parent;
        this.problems = problems;
        this.at = at;
        outer = parent == null ? null : parent.domain();
        local = ClockDomain.local(outer != null && outer.asynchronous());
        domains.push(local);
    }

    /** Runs a factory as the constructor of a component inside {@code parent} (null: of the top). */
    static <C extends Component> C construct(ModuleBuilder parent, Problems problems, Supplier<C> factory) {
        ModuleBuilder builder = new ModuleBuilder(parent, problems, Author.here());
        C result = ScopedValue.where(CURRENT, builder).call(factory::get);
        if (result == null || result.builder != builder) {
            throw new InvalidDesignException(
                    builder.at, "the factory must make one new component; write child(() -> new Name(...))");
        }
        if (parent != null) {
            parent.children.add(builder);
        }
        return result;
    }

    /** Called by every component's base constructor. */
    static ModuleBuilder claim(Component component) {
        if (!CURRENT.isBound() || CURRENT.get().component != null) {
            String type = component.getClass().getSimpleName();
            throw new InvalidDesignException(
                    Author.maker(component.getClass()),
                    "component " + type + " is made with new; inside a component write child(() -> new " + type
                            + "(...)), for the top Elaboration.of(() -> new " + type + "(...))");
        }
        CURRENT.get().component = component;
        return CURRENT.get();
    }

    /** The component under construction. */
    static ModuleBuilder current() {
        if (!CURRENT.isBound()) {
            throw new InvalidDesignException(
                    Author.here(), "hardware is described outside a component; move it into a constructor");
        }
        return CURRENT.get();
    }

    Node.NetNode net(Node.NetKind kind, int width, boolean signed) {
        Node.NetNode net = new Node.NetNode(this, kind, width, signed, domain(), Author.here());
        nets.add(net);
        return net;
    }

    void add(Block.Statement statement) {
        scope().statements.add(statement);
    }

    Block scope() {
        return scopes.peek();
    }

    void run(Block block, Runnable statements) {
        scopes.push(block);
        try {
            statements.run();
        } finally {
            scopes.pop();
        }
    }

    ClockDomain domain() {
        return domains.peek();
    }

    <R> R run(ClockDomain domain, Supplier<R> statements) {
        domains.push(domain);
        try {
            return statements.get();
        } finally {
            domains.pop();
        }
    }

    /** The clocks in use here and in the children that are not a component's own, by name. */
    java.util.Map<String, ClockDomain> foreignDomains() {
        java.util.Map<String, ClockDomain> result = new java.util.LinkedHashMap<>();
        nets.forEach(net -> result.put(net.domain.name(), net.domain));
        memories.forEach(
                memory -> memory.writes.forEach(w -> result.put(w.domain().name(), w.domain())));
        claims.forEach(claim -> result.put(claim.domain().name(), claim.domain()));
        for (ModuleBuilder child : children) {
            result.put(child.outer.name(), child.outer);
            child.foreignDomains().values().stream()
                    .filter(domain -> domain != child.local)
                    .forEach(domain -> result.put(domain.name(), domain));
        }
        return result;
    }

    /** Runs with neither conditions nor another clock domain around it, as if written at the start of the body. */
    <R> R outside(Supplier<R> statements) {
        scopes.push(body);
        try {
            return statements.get();
        } finally {
            scopes.pop();
        }
    }

    void problem(Finding.Rule rule, Node subject, Supplier<String> message) {
        problems.add(rule, Author.here(), this, subject, message);
    }

    /** The classes of the components that are being made, outermost first; a path for as long as nothing has a name. */
    static String pathSoFar() {
        if (!CURRENT.isBound()) {
            return "outside of components";
        }
        StringBuilder path = new StringBuilder();
        for (ModuleBuilder module = CURRENT.get(); module != null; module = module.parent) {
            if (module.component != null) {
                path.insert(0, (path.isEmpty() ? "" : "."))
                        .insert(0, module.component.getClass().getSimpleName());
            }
        }
        return path.toString();
    }

    /** The path from the top, whose name is that of its class. */
    String path() {
        return parent == null ? component.getClass().getSimpleName() : parent.path() + "." + name;
    }
}

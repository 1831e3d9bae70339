package tilewright.hw.lang;

/** What follows a {@code when}. */
public final class When {
    private final ModuleBuilder module;
    private final Block otherwise;

    private When(ModuleBuilder module, Block otherwise) {
        this.module = module;
        this.otherwise = otherwise;
    }

    static When start(Bool condition, Runnable statements) {
        ModuleBuilder module = ModuleBuilder.current();
        return in(module, condition, statements);
    }

    private static When in(ModuleBuilder module, Bool condition, Runnable statements) {
        Node node = condition.node();
        Block whenTrue = new Block(module.scope(), () -> node);
        Block whenFalse = new Block(module.scope(), () -> Nodes.unary(Node.Operator.NOT, node));
        module.add(new Block.When(node, whenTrue, whenFalse, Author.here()));
        module.run(whenTrue, statements);
        return new When(module, whenFalse);
    }

    /** Statements that apply where the conditions before do not hold and this one does. */
    public When elseWhen(Bool condition, Runnable statements) {
        When[] next = new When[1];
        module.run(otherwise, () -> next[0] = in(module, condition, statements));
        return next[0];
    }

    /** Statements that apply where none of the conditions holds. */
    public void otherwise(Runnable statements) {
        module.run(otherwise, statements);
    }
}

package tilewright.sim.rtl.compiled;

import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import tilewright.hw.lang.design.Expression;

/** Writes statements as classes. Methods stay below the 8 000 bytes above which HotSpot does not compile them. */
final class BlockWriter {
    private static final int LONGEST_METHOD = 4000;
    private static final int LARGEST_CLASS = 150_000;
    private static final ClassDesc SELF = ClassDesc.of(BlockWriter.class.getPackageName() + ".Compiled");
    private static final ClassDesc MEMORIES = ExpressionCode.LONGS.arrayType();
    private static final MethodTypeDesc TYPE = MethodTypeDesc.of(ConstantDescs.CD_void, ExpressionCode.LONGS, MEMORIES);

    private final ExpressionCode expressions;
    private final Deque<List<Statement>> pending = new ArrayDeque<>();
    private int methods;

    private BlockWriter(Slots slots) {
        expressions = new ExpressionCode(slots);
    }

    /** The statements as blocks to be run one after another. */
    static Block[] blocks(List<Statement> statements, Slots slots) {
        return classes(statements, slots).stream().map(BlockWriter::load).toArray(Block[]::new);
    }

    /** The classes of the blocks. */
    static List<byte[]> classes(List<Statement> statements, Slots slots) {
        List<byte[]> classes = new ArrayList<>();
        int from = 0;
        int size = 0;
        for (int i = 0; i < statements.size(); i++) {
            int next = statements.get(i).deepSize();
            if (size > 0 && size + next > LARGEST_CLASS) {
                classes.add(new BlockWriter(slots).bytes(statements.subList(from, i)));
                from = i;
                size = 0;
            }
            size += next;
        }
        if (from < statements.size()) {
            classes.add(new BlockWriter(slots).bytes(statements.subList(from, statements.size())));
        }
        return classes;
    }

    private static Block load(byte[] bytes) {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup().defineHiddenClass(bytes, true);
            return (Block) lookup.findConstructor(lookup.lookupClass(), MethodType.methodType(void.class))
                    .invoke();
        } catch (Throwable e) {
            throw new IllegalStateException("the compiled design cannot be loaded: " + e, e);
        }
    }

    private byte[] bytes(List<Statement> statements) {
        return ClassFile.of().build(SELF, c -> {
            c.withFlags(ClassFile.ACC_FINAL);
            c.withInterfaceSymbols(ClassDesc.of(Block.class.getName()));
            c.withMethodBody(
                    ConstantDescs.INIT_NAME,
                    ConstantDescs.MTD_void,
                    0,
                    code -> code.aload(0)
                            .invokespecial(ConstantDescs.CD_Object, ConstantDescs.INIT_NAME, ConstantDescs.MTD_void)
                            .return_());
            c.withMethodBody("run", TYPE, ClassFile.ACC_PUBLIC, code -> {
                for (List<Statement> part : parts(statements)) {
                    code.aload(1).aload(2);
                    call(code, part);
                }
                code.return_();
            });
            for (int i = 0; !pending.isEmpty(); i++) {
                List<Statement> body = pending.poll();
                c.withMethodBody("part" + i, TYPE, ClassFile.ACC_STATIC, code -> {
                    list(code, body);
                    code.return_();
                });
            }
        });
    }

    /** Lists short enough for one method each; a single statement may still be longer. */
    private static List<List<Statement>> parts(List<Statement> statements) {
        List<List<Statement>> parts = new ArrayList<>();
        int from = 0;
        int size = 0;
        for (int i = 0; i < statements.size(); i++) {
            int next = statements.get(i).size();
            if (size > 0 && size + next > LONGEST_METHOD) {
                parts.add(statements.subList(from, i));
                from = i;
                size = 0;
            }
            size += next;
        }
        parts.add(statements.subList(from, statements.size()));
        return parts;
    }

    /** Calls a method of these statements with the arguments that are on the stack. */
    private void call(CodeBuilder c, List<Statement> body) {
        pending.add(body);
        c.invokestatic(SELF, "part" + methods++, TYPE);
    }

    private void list(CodeBuilder c, List<Statement> statements) {
        List<List<Statement>> parts = parts(statements);
        if (parts.size() == 1) {
            statements.forEach(s -> statement(c, s));
            return;
        }
        for (List<Statement> part : parts) {
            c.aload(0).aload(1);
            call(c, part);
        }
    }

    private void branch(CodeBuilder c, List<Statement> statements) {
        if (Statement.total(statements) > Statement.LONGEST_BRANCH) {
            c.aload(0).aload(1);
            call(c, statements);
        } else {
            statements.forEach(s -> statement(c, s));
        }
    }

    private void statement(CodeBuilder c, Statement statement) {
        switch (statement) {
            case Statement.Store s -> {
                c.aload(0).loadConstant(s.slot());
                expressions.value(c, s.value());
                c.lastore();
            }
            case Statement.Call s -> call(c, s);
            case Statement.If s -> choice(c, s);
            case Statement.Check s -> {
                Label holds = c.newLabel();
                expressions.value(c, s.condition());
                c.lconst_0().lcmp().ifne(holds);
                c.loadConstant(s.index());
                c.invokestatic(
                        ExpressionCode.WIDE, "fail", MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_int));
                c.labelBinding(holds);
            }
        }
    }

    private void choice(CodeBuilder c, Statement.If s) {
        Label otherwise = c.newLabel();
        expressions.jumpUnless(c, s.condition(), otherwise);
        branch(c, s.whenTrue());
        if (s.whenFalse().isEmpty()) {
            c.labelBinding(otherwise);
            return;
        }
        Label end = c.newLabel();
        c.goto_(end).labelBinding(otherwise);
        branch(c, s.whenFalse());
        c.labelBinding(end);
    }

    private void call(CodeBuilder c, Statement.Call call) {
        List<ClassDesc> types = new ArrayList<>();
        types.add(ExpressionCode.LONGS);
        c.aload(0);
        for (Object argument : call.arguments()) {
            switch (argument) {
                case Integer number -> {
                    c.loadConstant(number.intValue());
                    types.add(ConstantDescs.CD_int);
                }
                case Expression e -> {
                    expressions.value(c, e);
                    types.add(ConstantDescs.CD_long);
                }
                case Statement.MemoryOperand memory -> {
                    c.aload(1).loadConstant(memory.memory()).aaload();
                    types.add(ExpressionCode.LONGS);
                }
                default -> throw new IllegalStateException("argument " + argument);
            }
        }
        c.invokestatic(ExpressionCode.WIDE, call.method(), MethodTypeDesc.of(ConstantDescs.CD_void, types));
    }
}

package tilewright.sim.rtl.compiled;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.classfile.ClassFile;
import java.lang.classfile.MethodModel;
import java.lang.classfile.attribute.CodeAttribute;
import java.util.List;
import org.junit.jupiter.api.Test;
import tilewright.hw.lang.Elaboration;
import tilewright.hw.lang.design.Module;
import tilewright.sim.rtl.Tile;

class BlockWriterTest {
    /** HotSpot leaves longer methods to the interpreter. */
    private static final int LONGEST_COMPILED = 8000;

    @Test
    void noMethodIsLongerThanHotSpotCompiles() {
        Module module = Elaboration.of(() -> new Tile(12, 12)).flat().module();
        for (boolean all : new boolean[] {false, true}) {
            Lowering lowering = new Lowering(module, all);
            List<Statement> edge = lowering.edge(module.clocks());
            int methods = 0;
            for (List<Statement> function : List.of(lowering.settle(), edge)) {
                for (byte[] bytes : BlockWriter.classes(function, lowering.slots())) {
                    for (MethodModel method : ClassFile.of().parse(bytes).methods()) {
                        int length = ((CodeAttribute) method.code().orElseThrow()).codeLength();
                        assertTrue(length <= LONGEST_COMPILED, method.methodName() + " has " + length + " bytes");
                        methods++;
                    }
                }
            }
            assertTrue(methods > 6, "a design that no single method holds, but " + methods + " methods");
        }
    }
}

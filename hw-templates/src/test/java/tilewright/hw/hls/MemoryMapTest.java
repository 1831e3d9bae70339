package tilewright.hw.hls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tilewright.hw.hls.DesignParameters.Storage;
import tilewright.hw.hls.MemoryMap.Location;
import tilewright.hw.hls.MemoryMap.Memory;
import tilewright.hw.program.Buffer;
import tilewright.hw.program.PatchGeometry;
import tilewright.hw.program.Program;
import tilewright.hw.program.RandomProgram;
import tilewright.hw.program.RandomProgram.Sizes;
import tilewright.hw.program.RandomProgram.Values;
import tilewright.hw.program.Step;

class MemoryMapTest {
    private static final DesignParameters PARAMETERS =
            new DesignParameters(8, 16, 4, 2, 4, 4, 1, Storage.LUTRAM, Storage.BRAM, 250, "xck26-sfvc784-2lv-c");

    @ParameterizedTest
    @ValueSource(ints = {8, 16})
    void buffersDoNotOverlapAndFillTheirMemories(int bits) {
        Program program = program(bits);
        MemoryMap map = MemoryMap.of(program, PARAMETERS);
        List<Location> places = new ArrayList<>(List.of(map.patches()));
        places.add(map.table((Step.Embed) program.tasks().getFirst().steps().getFirst()));
        program.buffers().values().forEach(buffer -> places.add(map.location(buffer)));
        for (Memory memory : Memory.values()) {
            boolean[] used = new boolean[map.words(memory)];
            for (Location place : places) {
                if (place.memory() == memory) {
                    for (int word = 0; word < place.words(); word++) {
                        assertTrue(!used[place.firstWord() + word]);
                        used[place.firstWord() + word] = true;
                    }
                }
            }
            for (boolean word : used) {
                assertTrue(word);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 16})
    void whatIsEncodedIsDecodedAndPaddingIsZero(int bits) {
        Program program = program(bits);
        MemoryMap map = MemoryMap.of(program, PARAMETERS);
        Random random = new Random(3);
        for (Buffer buffer : program.buffers().values()) {
            int limit = 1 << (buffer.bits() - 1);
            int[] values = random.ints((long) buffer.tokens() * buffer.features(), -limit, limit)
                    .map(value -> value == 0 ? 1 : value)
                    .toArray();
            Location location = map.location(buffer);
            byte[] bytes = map.encode(location, values);
            assertEquals(location.words() * map.wordBytes(location.memory()), bytes.length);
            assertArrayEquals(values, map.decode(location, ByteBuffer.wrap(bytes)));
            int size = map.elementBytes(location.memory());
            for (int i = 0; i < bytes.length; i++) {
                int feature =
                        location.layout().feature(i / size % location.layout().elements());
                assertTrue(feature >= 0 || bytes[i] == 0);
            }
        }
    }

    private static Program program(int bits) {
        return RandomProgram.of(
                new Sizes(bits, new PatchGeometry(1, 8, 8, 4), 2, 2, 6, 20, 5, 2, 10), Values.MODERATE, 29);
    }
}

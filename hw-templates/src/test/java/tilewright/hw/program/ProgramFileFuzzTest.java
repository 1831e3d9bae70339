package tilewright.hw.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import tilewright.hw.program.RandomProgram.Sizes;
import tilewright.hw.program.RandomProgram.Values;

/** Whatever a program file holds, reading it succeeds or is refused in one line, in memory of the file's order. */
class ProgramFileFuzzTest {
    private static final int HEAP_PER_FILE_BYTE = 40;
    private static final int HEAP_OF_A_STREAM = 1 << 20;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final byte[][] SOUND = new byte[2][];

    private static Path file;

    @BeforeContainer
    static void writeSoundPrograms() throws IOException {
        Path memory = Path.of("/dev/shm");
        file = Files.isWritable(memory)
                ? Files.createTempFile(memory, "program", ".bin")
                : Files.createTempFile("program", ".bin");
        for (int i = 0; i < SOUND.length; i++) {
            Sizes sizes = new Sizes(8 << i, new PatchGeometry(1, 2, 2, 2), 2, 1, 2, 2, 2, 1, 2);
            ProgramFile.write(RandomProgram.of(sizes, Values.MODERATE, i), file);
            SOUND[i] = Files.readAllBytes(file);
        }
    }

    @AfterContainer
    static void remove() throws IOException {
        Files.delete(file);
    }

    @Property
    void flippedBytesAndOtherNumbersAreRefusedOrRead(@ForAll Random random) throws IOException {
        byte[] bytes = SOUND[random.nextInt(SOUND.length)].clone();
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
            int at = random.nextInt(bytes.length - Integer.BYTES);
            switch (random.nextInt(4)) {
                case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(Byte.SIZE));
                case 1 -> bytes[at] = (byte) random.nextInt();
                case 2 -> buffer.putInt(at, Integer.MAX_VALUE >> random.nextInt(Integer.SIZE));
                default -> buffer.putInt(at, -1 - random.nextInt(3));
            }
        }
        check(bytes);
    }

    @Property
    void anyBytesBehindASoundBeginningAreRefusedOrRead(@ForAll Random random) throws IOException {
        byte[] bytes = SOUND[random.nextInt(SOUND.length)].clone();
        int from = random.nextInt(bytes.length);
        for (int i = from; i < bytes.length; i++) {
            bytes[i] = (byte) (random.nextInt(3) == 0 ? random.nextInt() : 0);
        }
        check(bytes);
    }

    private static void check(byte[] bytes) throws IOException {
        Files.write(file, bytes);
        long before = THREADS.getCurrentThreadAllocatedBytes();
        try {
            assertNotNull(ProgramFile.read(file));
        } catch (InvalidProgramException e) {
            assertTrue(e.getMessage().startsWith(file + ": damaged program: "), e.getMessage());
            assertEquals(1, e.getMessage().lines().count(), e.getMessage());
        }
        long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
        assertTrue(
                allocated < HEAP_OF_A_STREAM + (long) HEAP_PER_FILE_BYTE * bytes.length,
                () -> allocated + " bytes allocated for a file of " + bytes.length);
    }
}

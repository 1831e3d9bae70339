package tilewright.hw.program;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tilewright.hw.program.RandomProgram.Sizes;
import tilewright.hw.program.RandomProgram.Values;

/** Program files: what is read is what was written, and damage is named. */
class ProgramFileTest {
    @TempDir
    Path folder;

    private static Program random(int bits, Values values, long seed) {
        Random random = new Random(seed);
        int patch = 1 + random.nextInt(3);
        PatchGeometry geometry = new PatchGeometry(
                1 + random.nextInt(3), patch * (1 + random.nextInt(3)), patch * (1 + random.nextInt(3)), patch);
        int experts = 2 + random.nextInt(5);
        Sizes sizes = new Sizes(
                bits,
                geometry,
                2 + random.nextInt(2),
                1 + random.nextInt(3),
                1 + random.nextInt(9),
                1 + random.nextInt(20),
                experts,
                1 + random.nextInt(experts),
                1 + random.nextInt(12));
        return RandomProgram.of(sizes, values, seed);
    }

    private Path written(Program program) throws IOException {
        Path file = folder.resolve("program.bin");
        ProgramFile.write(program, file);
        return file;
    }

    @ParameterizedTest
    @CsvSource({
        "8, MODERATE, 1",
        "16, MODERATE, 2",
        "8, EXTREME, 3",
        "16, EXTREME, 4",
        "8, TIES, 5",
        "16, ONE_EXPERT, 6"
    })
    void whatIsReadIsWhatWasWritten(int bits, Values values, long seed) throws IOException {
        Program program = random(bits, values, seed);
        Program read = ProgramFile.read(written(program));

        assertNull(SameRecords.difference(program, read), "seed " + seed);
        GoldenMachine one = new GoldenMachine(program);
        GoldenMachine other = new GoldenMachine(read);
        for (byte[] image : RandomProgram.images(program, 3, seed)) {
            for (TaskProgram task : program.tasks()) {
                assertArrayEquals(one.run(task, image), other.run(read.task(task.task()), image));
            }
        }
        byte[] bytes = Files.readAllBytes(folder.resolve("program.bin"));
        assertArrayEquals(bytes, Files.readAllBytes(written(read)), "the same program has the same bytes");
    }

    @Test
    void theComparisonSeesOneDifferentWeight() {
        Program program = random(8, Values.MODERATE, 7);
        Program same = random(8, Values.MODERATE, 7);
        assertNull(SameRecords.difference(program, same));

        Step.Embed embed = (Step.Embed) same.task("patches").steps().getFirst();
        embed.linear().weights()[0] ^= 1;

        assertNotNull(SameRecords.difference(program, same));
    }

    @Test
    void whatTasksShareIsOneObjectAgain() throws IOException {
        Program read = ProgramFile.read(written(random(8, Values.MODERATE, 8)));
        List<Step> classes = read.task("classes").steps();
        List<Step> patches = read.task("patches").steps();
        for (int i = 0; i < classes.size(); i++) {
            if (classes.get(i) instanceof Step.Linear linear && linear.block().startsWith("block")) {
                assertSame(linear.linear(), ((Step.Linear) patches.get(i)).linear(), linear.name());
            }
            if (classes.get(i) instanceof Step.Experts experts) {
                assertSame(
                        experts.first().getLast(),
                        ((Step.Experts) patches.get(i)).first().getLast());
            }
        }
    }

    @Test
    void aFileThatEndsTooEarlyIsRefused() throws IOException {
        Path file = written(random(16, Values.MODERATE, 9));
        byte[] bytes = Files.readAllBytes(file);
        for (int length = 0; length < bytes.length; length += 97) {
            Files.write(file, Arrays.copyOf(bytes, length));
            String message = assertThrows(InvalidProgramException.class, () -> ProgramFile.read(file), "at " + length)
                    .getMessage();
            assertTrue(
                    message.equals(file + ": damaged program: the file is too short; compile the model again")
                            || message.matches("\\Q" + file + "\\E: damaged program: .* fit the file; compile the model"
                                    + " again"),
                    message);
        }
    }

    @Test
    void otherDamageIsNamed() throws IOException {
        Path file = written(random(8, Values.MODERATE, 10));
        byte[] bytes = Files.readAllBytes(file);
        String start = file + ": damaged program: ";
        String end = "; compile the model again";

        Files.write(file, Arrays.copyOf(bytes, bytes.length + 1));
        assertEquals(start + "there are bytes after the last step" + end, refusal(file));

        byte[] other = bytes.clone();
        other[2] = 'T';
        Files.write(file, other);
        assertEquals(start + "it does not begin with tilewright-program-1" + end, refusal(file));

        int width = Short.BYTES + "tilewright-program-1".length() + Short.BYTES + "random".length();
        Files.write(file, ByteBuffer.wrap(bytes.clone()).putInt(width, 12).array());
        assertEquals(start + "activations of 12 bits: 8 and 16 are supported" + end, refusal(file));

        int bufferCount = width + 6 * Integer.BYTES;
        Files.write(
                file,
                ByteBuffer.wrap(bytes.clone())
                        .putInt(bufferCount, Integer.MAX_VALUE)
                        .array());
        assertEquals(start + "a count of 2147483647 does not fit the file" + end, refusal(file));

        Files.write(file, ByteBuffer.wrap(bytes.clone()).putInt(bufferCount, -1).array());
        assertEquals(start + "a count of -1 does not fit the file" + end, refusal(file));
    }

    private static String refusal(Path file) {
        return assertThrows(InvalidProgramException.class, () -> ProgramFile.read(file))
                .getMessage();
    }

    @Test
    void aMissingFileIsAnErrorOfReading() {
        assertThrows(NoSuchFileException.class, () -> ProgramFile.read(folder.resolve("nowhere.bin")));
    }
}

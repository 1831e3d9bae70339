package tilewright.hw.program;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.StreamCorruptedException;
import java.io.UTFDataFormatException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tilewright.hw.arith.ActivationUnit;
import tilewright.hw.arith.EvenResidualFunction;
import tilewright.hw.arith.LayerNormParameters;
import tilewright.hw.arith.Requantizer;
import tilewright.hw.arith.SoftmaxFormat;
import tilewright.hw.arith.TableFunction;

/** Reads what {@link ProgramFile} wrote; every count is checked against the bytes of the file. */
final class ProgramFileReader {
    private final DataInputStream data;
    private final long fileBytes;
    private final List<Buffer> buffers = new ArrayList<>();
    private final List<LinearParameters> layers = new ArrayList<>();
    private final List<ActivationUnit> activations = new ArrayList<>();
    private PatchGeometry geometry;

    private ProgramFileReader(DataInputStream data, long fileBytes) {
        this.data = data;
        this.fileBytes = fileBytes;
    }

    static Program read(Path file) throws IOException {
        try (InputStream input = Files.newInputStream(file);
                DataInputStream data = new DataInputStream(new BufferedInputStream(input, 1 << 16))) {
            Program program = new ProgramFileReader(data, Files.size(file)).program();
            if (data.read() >= 0) {
                throw new StreamCorruptedException("there are bytes after the last step");
            }
            return program;
        } catch (EOFException
                | StreamCorruptedException
                | UTFDataFormatException
                | IllegalArgumentException
                | IndexOutOfBoundsException e) {
            String why = e instanceof EOFException ? "the file is too short" : e.getMessage();
            // A damaged name may hold anything; the message is one line.
            throw new InvalidProgramException(
                    file + ": damaged program: " + why.replaceAll("\\p{Cntrl}", "?") + "; compile the model again", e);
        }
    }

    private Program program() throws IOException {
        if (!data.readUTF().equals(ProgramFile.MAGIC)) {
            throw new StreamCorruptedException("it does not begin with " + ProgramFile.MAGIC);
        }
        String name = data.readUTF();
        IntegerFormat format = new IntegerFormat(data.readInt());
        SoftmaxFormat softmax = new SoftmaxFormat(data.readInt());
        geometry = new PatchGeometry(positive(), positive(), positive(), positive());
        for (int i = count(); i > 0; i--) {
            buffers.add(
                    new Buffer(data.readUTF(), positive(), positive(), positive(), data.readInt(), data.readDouble()));
        }
        for (int i = count(); i > 0; i--) {
            layers.add(layer());
        }
        for (int i = count(); i > 0; i--) {
            activations.add(activation());
        }
        Buffer residual = buffer();
        List<TaskProgram> tasks = new ArrayList<>();
        for (int i = count(); i > 0; i--) {
            String task = data.readUTF();
            Buffer result = buffer();
            List<Step> steps = new ArrayList<>();
            for (int j = count(); j > 0; j--) {
                steps.add(step());
            }
            tasks.add(new TaskProgram(task, List.copyOf(steps), result));
        }
        return new Program(name, format, softmax, geometry, residual, List.copyOf(tasks));
    }

    /** A number of items, each of which takes at least a byte of the file. */
    private int count() throws IOException {
        return count(1);
    }

    private int count(long bytesEach) throws IOException {
        int count = data.readInt();
        if (count < 0 || count * bytesEach > fileBytes) {
            throw new StreamCorruptedException("a count of " + count + " does not fit the file");
        }
        return count;
    }

    private int positive() throws IOException {
        int value = data.readInt();
        if (value < 1) {
            throw new StreamCorruptedException("a size of " + value);
        }
        return value;
    }

    private LinearParameters layer() throws IOException {
        String name = data.readUTF();
        int outputs = positive();
        int inputs = positive();
        if ((long) outputs * inputs * Short.BYTES > fileBytes) {
            throw new StreamCorruptedException(name + " of " + outputs + " x " + inputs + " does not fit the file");
        }
        short[] weights = new short[outputs * inputs];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = data.readShort();
        }
        long[] bias = new long[outputs];
        Requantizer[] scales = new Requantizer[outputs];
        for (int o = 0; o < outputs; o++) {
            bias[o] = data.readLong();
            scales[o] = requantizer();
        }
        return new LinearParameters(name, outputs, inputs, weights, bias, scales);
    }

    private Requantizer requantizer() throws IOException {
        return new Requantizer(data.readInt(), data.readInt());
    }

    private ActivationUnit activation() throws IOException {
        if (data.readBoolean()) {
            byte[] values = new byte[1 << 8];
            data.readFully(values);
            return new TableFunction(values);
        }
        return new EvenResidualFunction(ints(), requantizer());
    }

    private int[] ints() throws IOException {
        int[] values = new int[count(Integer.BYTES)];
        for (int i = 0; i < values.length; i++) {
            values[i] = data.readInt();
        }
        return values;
    }

    private Buffer buffer() throws IOException {
        return buffers.get(data.readInt());
    }

    private LinearParameters linear() throws IOException {
        return layers.get(data.readInt());
    }

    private ActivationUnit activationOrNone() throws IOException {
        int number = data.readInt();
        return number < 0 ? null : activations.get(number);
    }

    private TokenRange tokens() throws IOException {
        return new TokenRange(data.readInt(), data.readInt());
    }

    private Step step() throws IOException {
        ProgramFile.Kind kind = ProgramFile.Kind.values()[data.readByte()];
        String name = data.readUTF();
        String block = data.readUTF();
        Buffer output = buffer();
        return switch (kind) {
            case EMBED -> new Step.Embed(name, block, geometry, linear(), ints(), data.readInt(), output);
            case NORM -> new Step.Norm(name, block, buffer(), tokens(), norm(), output);
            case LINEAR ->
                new Step.Linear(
                        name, block, buffer(), tokens(), linear(), activationOrNone(), data.readBoolean(), output);
            case ATTENTION ->
                new Step.Attention(name, block, buffer(), data.readInt(), requantizer(), requantizer(), output);
            case ROUTE -> new Step.Route(name, block, buffer(), linear(), data.readInt(), data.readBoolean(), output);
            case EXPERTS ->
                new Step.Experts(name, block, buffer(), list(), activationOrNone(), buffer(), list(), output);
        };
    }

    private LayerNormParameters norm() throws IOException {
        int[] gammas = ints();
        long[] betas = new long[gammas.length];
        for (int i = 0; i < betas.length; i++) {
            betas[i] = data.readLong();
        }
        return new LayerNormParameters(gammas, betas, data.readInt(), data.readLong());
    }

    private List<LinearParameters> list() throws IOException {
        List<LinearParameters> list = new ArrayList<>();
        for (int i = count(Integer.BYTES); i > 0; i--) {
            list.add(linear());
        }
        return List.copyOf(list);
    }
}

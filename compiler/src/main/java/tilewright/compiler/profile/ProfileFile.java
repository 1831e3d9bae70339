package tilewright.compiler.profile;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import tilewright.compiler.codes.InputMoments;
import tilewright.compiler.profile.ProfileHeader.LayerShape;
import tilewright.compiler.store.MatrixPlace;
import tilewright.edge.matrix.MappedPages;
import tilewright.model.InvalidInputException;
import tilewright.model.graph.ExpertMatrix;
import tilewright.model.tensor.DType;
import tilewright.model.tensor.Safetensors;
import tilewright.model.tensor.TensorInfo;
import tilewright.model.tensor.TensorSource;

/**
 * A profile's tensors: mapped, checked when they are read; safe for use by several threads.
 *
 * <p>Second moments and rows, which are most of it, are read expert by expert, and their pages do not stay in memory.
 */
final class ProfileFile implements AutoCloseable {
    private static final int MOST_HEADER_BYTES = 1 << 24;
    private static final long MOST_DIGESTED_BYTES = 1 << 16;
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final ValueLayout.OfShort HALF = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Path file;
    private final TensorSource source;
    private final ProfileHeader header;

    private ProfileFile(Path file, TensorSource source) {
        this.file = file;
        this.source = source;
        this.header = header(file, source);
        for (int layer = 0; layer < header.layers().size(); layer++) {
            check(layer);
        }
    }

    /**
     * Maps a profile and checks what it says of itself and the shapes of what is read later.
     *
     * @throws InvalidInputException when it is no profile, of another version, or damaged
     */
    static ProfileFile open(Path file) {
        TensorSource source = Safetensors.open(file);
        try {
            return new ProfileFile(file, source);
        } catch (RuntimeException | Error e) {
            source.close();
            throw e;
        }
    }

    private static ProfileHeader header(Path file, TensorSource source) {
        if (!source.names().contains(Profile.HEADER)) {
            throw new InvalidInputException(file + ": is no profile (tensor '" + Profile.HEADER
                    + "' is missing); make one with tilewright profile");
        }
        TensorInfo info = source.info(Profile.HEADER);
        if (info.dtype() != DType.U8 || info.shape().size() != 1 || info.bytes() > MOST_HEADER_BYTES) {
            throw new InvalidInputException(file + ": tensor '" + Profile.HEADER + "' is "
                    + info.dtype().label() + " " + info.shape()
                    + ", expected the bytes of a text; make the profile again");
        }
        ProfileChecksums.check(file, source, Profile.HEADER, 0, 1);
        byte[] bytes = source.bytes(Profile.HEADER).toArray(ValueLayout.JAVA_BYTE);
        return ProfileHeader.parse(file.toString(), new String(bytes, StandardCharsets.UTF_8));
    }

    private void check(int layer) {
        LayerShape shape = header.layers().get(layer);
        long experts = shape.experts();
        for (ExpertMatrix matrix : List.of(ExpertMatrix.GATE, ExpertMatrix.DOWN)) {
            long length = InputMoments.length(shape.inputs(matrix), shape.block(matrix));
            require(momentsName(layer, matrix), DType.F32, List.of(experts, length));
        }
        long rowTokens = header.rowTokens();
        require(Profile.name(layer, "rows"), DType.F16, List.of(rowTokens, (long) shape.tokenWidth()));
        require(Profile.name(layer, "row_experts"), DType.F32, List.of(rowTokens, (long) shape.topK()));
        require(Profile.name(layer, "row_weights"), DType.F32, List.of(rowTokens, (long) shape.topK()));
    }

    /** Where it lies. */
    Path path() {
        return file;
    }

    /** What it says of itself. */
    ProfileHeader header() {
        return header;
    }

    /** Whether a file is a profile of any version, damaged or not. */
    static boolean is(Path file) {
        try (TensorSource source = Safetensors.open(file)) {
            return source.names().contains(Profile.HEADER);
        } catch (InvalidInputException e) {
            return false;
        }
    }

    /**
     * Reads all of it and compares it with the sums that it holds.
     *
     * @throws InvalidInputException when something has changed since it was written
     */
    void verify() {
        Map<String, Integer> sliced = new HashMap<>();
        for (int layer = 0; layer < header.layers().size(); layer++) {
            for (ExpertMatrix matrix : List.of(ExpertMatrix.GATE, ExpertMatrix.DOWN)) {
                sliced.put(
                        momentsName(layer, matrix), header.layers().get(layer).experts());
            }
        }
        for (String name : source.names()) {
            int slices = ProfileChecksums.isOne(name) ? 0 : sliced.getOrDefault(name, 1);
            for (int slice = 0; slice < slices; slice++) {
                ProfileChecksums.check(file, source, name, slice, slices);
            }
            MappedPages.release(source.bytes(name));
        }
    }

    /** Whether there is such a tensor. */
    boolean has(String name) {
        return source.names().contains(name);
    }

    /** The name of a layer's second moments; gate and up have the same inputs. */
    static String momentsName(int layer, ExpertMatrix matrix) {
        return Profile.name(layer, matrix == ExpertMatrix.DOWN ? "hidden_moments" : "input_moments");
    }

    private void require(String name, DType dtype, List<Long> shape) {
        TensorInfo info = source.info(name);
        if (info.dtype() != dtype || !info.shape().equals(shape)) {
            throw new InvalidInputException(
                    file + ": tensor '" + name + "' is " + info.dtype().label() + " " + info.shape() + ", expected "
                            + dtype.label() + " " + shape + "; make the profile again");
        }
    }

    /** All of one of a layer's tensors, none of whose numbers may be negative. */
    float[] floats(int layer, String what, long... shape) {
        String name = Profile.name(layer, what);
        require(name, DType.F32, Arrays.stream(shape).boxed().toList());
        ProfileChecksums.check(file, source, name, 0, 1);
        float[] values = source.finiteFloats(name);
        for (int i = 0; i < values.length; i++) {
            if (values[i] < 0) {
                throw new InvalidInputException(file + ": tensor '" + name + "' holds " + values[i] + " at " + i
                        + ", expected no negative number; make the profile again");
            }
        }
        return values;
    }

    /** What tells this profile from others: SHA-256 of its tensors, of large ones their begin, hexadecimal. */
    String digest() {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (String name : source.names()) {
                digest.update(name.getBytes(StandardCharsets.UTF_8));
                long bytes = Math.min(MOST_DIGESTED_BYTES, source.bytes(name).byteSize());
                digest.update(source.bytes(name).asSlice(0, bytes).toArray(ValueLayout.JAVA_BYTE));
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /**
     * Second moments of a matrix's inputs over the tokens routed to its expert, weighted by the squared routing weight: the mean of
     * {@code w^2 x x^T} over the mean of {@code w^2}.
     *
     * @param samples tokens over which they were taken
     * @throws InvalidInputException when the file holds impossible values there
     */
    InputMoments moments(MatrixPlace place, long samples) {
        LayerShape shape = header.layers().get(place.layer());
        int width = shape.inputs(place.matrix());
        int block = shape.block(place.matrix());
        long length = InputMoments.length(width, block);
        float[] values = new float[Math.toIntExact(length)];
        String name = momentsName(place.layer(), place.matrix());
        ProfileChecksums.check(file, source, name, place.expert(), shape.experts());
        MemorySegment bytes = source.bytes(name).asSlice(place.expert() * length * Float.BYTES, length * Float.BYTES);
        MemorySegment.copy(bytes, FLOAT, 0, values, 0, values.length);
        MappedPages.release(bytes);
        try {
            return new InputMoments(width, block, samples, values);
        } catch (IllegalArgumentException e) {
            throw new InvalidInputException(
                    file + ": tensor '" + name + "', expert " + place.expert() + ": " + e.getMessage()
                            + "; make the profile again",
                    e);
        }
    }

    /**
     * The kept tokens' rows of a layer; what the router chose is read at once, rows when asked for.
     *
     * @throws InvalidInputException when the file holds impossible values there
     */
    TokenRows rows(int layer) {
        LayerShape shape = header.layers().get(layer);
        int width = shape.tokenWidth();
        ProfileChecksums.check(file, source, Profile.name(layer, "rows"), 0, 1);
        MemorySegment halves = source.bytes(Profile.name(layer, "rows"));
        return new TokenRows(
                header.rowTokens(),
                width,
                shape.topK(),
                (token, from, count, out, at) -> {
                    for (int i = 0; i < count; i++) {
                        long offset = ((long) token * width + from + i) * Short.BYTES;
                        out[at + i] = Float.float16ToFloat(halves.get(HALF, offset));
                        if (!Float.isFinite(out[at + i])) {
                            throw new InvalidInputException(file + ": tensor '" + Profile.name(layer, "rows")
                                    + "' holds " + out[at + i] + " in row " + token + "; make the profile again");
                        }
                    }
                },
                floats(layer, "row_experts", header.rowTokens(), shape.topK()),
                floats(layer, "row_weights", header.rowTokens(), shape.topK()));
    }

    /** Gives the pages of a layer's rows back to the system, which reads them again if they are needed again. */
    void releaseRows(int layer) {
        MappedPages.release(source.bytes(Profile.name(layer, "rows")));
    }

    /** Unmaps the file. */
    @Override
    public void close() {
        source.close();
    }
}

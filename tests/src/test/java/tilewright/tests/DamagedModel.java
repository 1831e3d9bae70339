package tilewright.tests;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Consumer;
import tilewright.model.family.RandomModels;

/** A small sound model on disk, to be damaged in one place. */
final class DamagedModel {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int LENGTH = 8;

    private final Path folder;

    private DamagedModel(Path folder) {
        this.folder = folder;
    }

    /** Writes the sound model: 8 x 12 grey images, two blocks, tasks {@code digit} and {@code edge}. */
    static DamagedModel in(Path folder) {
        RandomModels.write(folder, RandomModels.shape("tiny"));
        return new DamagedModel(folder);
    }

    /** The model in a folder. */
    static DamagedModel at(Path folder) {
        return new DamagedModel(folder);
    }

    Path folder() {
        return folder;
    }

    Path weights() {
        return folder.resolve("model.safetensors");
    }

    /** Changes {@code config.json}. */
    DamagedModel config(Consumer<ObjectNode> change) {
        try {
            Path file = folder.resolve("config.json");
            ObjectNode config = (ObjectNode) JSON.readTree(file.toFile());
            change.accept(config);
            JSON.writeValue(file.toFile(), config);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Replaces {@code config.json}. */
    DamagedModel configText(String text) {
        return write(folder.resolve("config.json"), text.getBytes(StandardCharsets.UTF_8));
    }

    /** Changes the header of {@code model.safetensors}; the data stay as they are. */
    DamagedModel header(Consumer<ObjectNode> change) {
        try {
            byte[] file = Files.readAllBytes(weights());
            int length = (int) little(file).getLong(0);
            ObjectNode header = (ObjectNode) JSON.readTree(file, LENGTH, length);
            change.accept(header);
            byte[] text = JSON.writeValueAsString(header).getBytes(StandardCharsets.UTF_8);
            byte[] damaged = new byte[LENGTH + text.length + file.length - LENGTH - length];
            little(damaged).putLong(text.length).put(text).put(file, LENGTH + length, file.length - LENGTH - length);
            return write(weights(), damaged);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Overwrites one element of a float32 tensor. */
    DamagedModel element(String tensor, int index, float value) {
        try {
            byte[] file = Files.readAllBytes(weights());
            int length = (int) little(file).getLong(0);
            int offset = JSON.readTree(file, LENGTH, length)
                    .path(tensor)
                    .path("data_offsets")
                    .path(0)
                    .asInt(-1);
            little(file).putFloat(LENGTH + length + offset + 4 * index, value);
            return write(weights(), file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Keeps the first bytes of {@code model.safetensors}; a negative number counts from the end. */
    DamagedModel cut(int bytes) {
        try {
            byte[] file = Files.readAllBytes(weights());
            return write(weights(), Arrays.copyOf(file, bytes < 0 ? file.length + bytes : bytes));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private DamagedModel write(Path file, byte[] bytes) {
        try {
            Files.write(file, bytes);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ByteBuffer little(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}

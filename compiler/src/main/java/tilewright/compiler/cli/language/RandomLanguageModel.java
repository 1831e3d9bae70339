package tilewright.compiler.cli.language;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import tilewright.compiler.Progress;
import tilewright.compiler.cli.language.LanguageShape.Role;
import tilewright.compiler.cli.language.LanguageShape.Weight;
import tilewright.model.InvalidInputException;
import tilewright.model.gguf.GgufWriter;
import tilewright.model.tensor.AtomicFile;
import tilewright.model.tensor.AtomicFolder;
import tilewright.model.tensor.DType;
import tilewright.model.tensor.Safetensors;

/** Writes language models of a known shape with random weights: the same seed gives the same bytes on every machine. */
public final class RandomLanguageModel {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int NORMAL_TOKEN = 1;
    private static final int CONTROL_TOKEN = 3;

    private final String name;
    private final LanguageShape shape;
    private final WeightFormat format;
    private final RandomRows rows;
    private final Progress progress;

    private RandomLanguageModel(String name, String format, long seed, Progress progress) {
        this.name = name;
        this.shape = LanguageShape.named().get(name);
        this.format = WeightFormat.named(format);
        this.rows = new RandomRows(seed);
        this.progress = progress;
    }

    /**
     * Writes a model.
     *
     * @param shape one of {@link LanguageShape#named()}
     * @param format such as {@code q8_0}; {@code f32}, {@code f16} or {@code bf16} for a folder
     * @param output a {@code .gguf} file that does not exist yet, or a folder that is empty or does not exist
     * @throws InvalidInputException when there is no such format, the output is there already, or it cannot be written
     */
    public static void write(String shape, String format, Path output, long seed, Progress progress) {
        RandomLanguageModel model = new RandomLanguageModel(shape, format, seed, progress);
        try {
            if (output.toString().toLowerCase(Locale.ROOT).endsWith(".gguf")) {
                model.writeGguf(output);
            } else {
                model.writeFolder(output);
            }
        } catch (IOException e) {
            throw new InvalidInputException(
                    output + ": cannot be written (" + InvalidInputException.reason(e) + ")", e);
        }
    }

    private void writeGguf(Path file) throws IOException {
        if (Files.exists(file)) {
            throw new InvalidInputException(file + ": exists already; give a new name");
        }
        GgufWriter gguf = new GgufWriter();
        metadata(gguf);
        List<Weight> weights = shape.weights();
        for (int i = 0; i < weights.size(); i++) {
            Weight weight = weights.get(i);
            DType dtype = format.of(weight, shape);
            int done = i + 1;
            gguf.tensor(weight.gguf(), dtype, weight.shape(), sink -> {
                fill(weight, dtype, weight.rows(), bytes -> sink.encoded(MemorySegment.ofBuffer(bytes)));
                progress.update("write", done, weights.size());
            });
        }
        gguf.write(file);
    }

    private void metadata(GgufWriter gguf) {
        SyntheticVocabulary vocabulary = SyntheticVocabulary.of(shape.vocabulary());
        gguf.put("general.architecture", "olmoe")
                .put("general.name", name + " with random weights")
                .put("general.file_type", format.fileType())
                .put("olmoe.context_length", shape.context())
                .put("olmoe.embedding_length", shape.hidden())
                .put("olmoe.block_count", shape.layers())
                .put("olmoe.feed_forward_length", shape.expertHidden())
                .put("olmoe.attention.head_count", shape.heads())
                .put("olmoe.attention.head_count_kv", shape.heads())
                .put("olmoe.attention.layer_norm_rms_epsilon", (float) LanguageShape.EPSILON)
                .put("olmoe.rope.freq_base", (float) LanguageShape.ROPE_THETA)
                .put("olmoe.expert_count", shape.experts())
                .put("olmoe.expert_used_count", shape.topK())
                .put("tokenizer.ggml.model", "gpt2")
                .put("tokenizer.ggml.pre", "gpt-2")
                .put("tokenizer.ggml.tokens", vocabulary.tokens())
                .put(
                        "tokenizer.ggml.token_type",
                        IntStream.range(0, vocabulary.tokens().size())
                                .map(id -> id == 0 ? CONTROL_TOKEN : NORMAL_TOKEN)
                                .toArray())
                .put("tokenizer.ggml.merges", vocabulary.merges())
                .put("tokenizer.ggml.bos_token_id", 0)
                .put("tokenizer.ggml.eos_token_id", 0)
                .put("tokenizer.ggml.add_bos_token", false);
    }

    private void writeFolder(Path folder) throws IOException {
        format.requirePlain();
        AtomicFolder.create(folder, this::writeFiles);
    }

    private void writeFiles(Path folder) throws IOException {
        AtomicFile.write(folder.resolve(Safetensors.SINGLE_FILE), this::writeSafetensors);
        Files.writeString(
                folder.resolve("tokenizer.json"),
                JSON.writeValueAsString(
                                SyntheticVocabulary.of(shape.vocabulary()).json()) + "\n");
        String config = JSON.writerWithDefaultPrettyPrinter().writeValueAsString(config());
        Files.writeString(folder.resolve("config.json"), config.replace("\r", "") + "\n");
    }

    private ObjectNode config() {
        ObjectNode config = JSON.createObjectNode();
        config.putArray("architectures").add("OlmoeForCausalLM");
        config.put("model_type", "olmoe");
        config.put("hidden_size", shape.hidden());
        config.put("num_hidden_layers", shape.layers());
        config.put("num_attention_heads", shape.heads());
        config.put("num_key_value_heads", shape.heads());
        config.put("intermediate_size", shape.expertHidden());
        config.put("num_experts", shape.experts());
        config.put("num_experts_per_tok", shape.topK());
        config.put("norm_topk_prob", false);
        config.put("vocab_size", shape.vocabulary());
        config.put("max_position_embeddings", shape.context());
        config.put("rope_theta", LanguageShape.ROPE_THETA);
        config.put("rms_norm_eps", LanguageShape.EPSILON);
        config.put("hidden_act", "silu");
        config.put("tie_word_embeddings", false);
        config.put("bos_token_id", 0);
        config.put("eos_token_id", 0);
        return config;
    }

    /** A tensor of a published checkpoint: of stacked experts one each. */
    private record Stored(String name, Weight weight, long rows, List<Long> shape) {}

    private List<Stored> stored() {
        List<Stored> stored = new ArrayList<>();
        for (Weight weight : shape.weights()) {
            if (weight.role() != Role.EXPERTS_UP && weight.role() != Role.EXPERTS_DOWN) {
                stored.add(new Stored(weight.published(), weight, weight.rows(), weight.shape()));
                continue;
            }
            for (int expert = 0; expert < shape.experts(); expert++) {
                stored.add(new Stored(
                        String.format(Locale.ROOT, weight.published(), expert),
                        weight,
                        weight.rows() / shape.experts(),
                        weight.shape().subList(1, 3)));
            }
        }
        return stored;
    }

    /** Streams a safetensors file: length, header, then the tensors in its order. */
    private void writeSafetensors(FileChannel channel) throws IOException {
        List<Stored> stored = stored();
        ObjectNode header = JSON.createObjectNode();
        long end = 0;
        for (Stored tensor : stored) {
            DType dtype = format.of(tensor.weight(), shape);
            ObjectNode entry = header.putObject(tensor.name());
            entry.put("dtype", dtype.label());
            tensor.shape().forEach(entry.putArray("shape")::add);
            long begin = end;
            end += dtype.bytesFor(tensor.rows() * tensor.weight().width());
            entry.putArray("data_offsets").add(begin).add(end);
        }
        String text = JSON.writeValueAsString(header);
        byte[] padded = (text + " ".repeat(-text.length() & 7)).getBytes(StandardCharsets.US_ASCII);
        writeFully(
                channel,
                ByteBuffer.allocate(8 + padded.length)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(padded.length)
                        .put(padded)
                        .flip());
        for (int i = 0; i < stored.size(); i++) {
            Stored tensor = stored.get(i);
            DType dtype = format.of(tensor.weight(), shape);
            fill(tensor.name(), tensor.weight(), dtype, tensor.rows(), bytes -> writeFully(channel, bytes));
            progress.update("write", i + 1L, stored.size());
        }
    }

    private void fill(Weight weight, DType dtype, long count, RandomRows.Sink sink) throws IOException {
        fill(weight.gguf(), weight, dtype, count, sink);
    }

    private void fill(String tensor, Weight weight, DType dtype, long count, RandomRows.Sink sink) throws IOException {
        if (weight.role() == Role.NORM) {
            rows.writeNorm(tensor, dtype, weight.width(), sink);
        } else {
            rows.write(tensor, dtype, count, weight.width(), sink);
        }
    }

    private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}

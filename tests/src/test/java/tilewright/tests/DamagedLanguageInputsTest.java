package tilewright.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tilewright.model.data.Npy;
import tilewright.tests.Tilewright.Result;

/** Damaged language models and inputs through the command line: one line says what is wrong, and nothing is written. */
class DamagedLanguageInputsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String RUN = "run DIR/m.gguf --prompt hello -n 2";
    private static final String RUN_FOLDER = "run DIR/model --prompt hello -n 2";

    @TempDir
    static Path sound;

    @TempDir
    Path folder;

    /**
     * A damaged input.
     *
     * @param what is damaged
     * @param damage done to a folder that holds sound models in {@code model} and {@code m.gguf}
     * @param command in which {@code DIR} stands for the folder
     * @param status the exit code
     * @param message the exact line, with {@code DIR} for the folder
     */
    record Case(String what, Consumer<Path> damage, String command, int status, String message) {
        @Override
        public String toString() {
            return what;
        }
    }

    @BeforeAll
    static void writeSoundModels() {
        assertEquals(
                0,
                Tilewright.run("random-model", "tiny-lm", "-o", sound.resolve("model"))
                        .status());
        assertEquals(
                0,
                Tilewright.run("random-model", "tiny-lm", "-o", sound.resolve("m.gguf"))
                        .status());
    }

    private static Case of(String what, Consumer<Path> damage, String command, String message) {
        return new Case(what, damage, command, 1, message);
    }

    private static Case input(String what, String command, String message) {
        return of(what, folder -> {}, command, message);
    }

    /** An option whose value the model does not allow. */
    private static Case impossible(String what, String command, String message) {
        return new Case(what, folder -> {}, command, 2, message);
    }

    private static Case gguf(String what, String from, String to, String message) {
        return of(what, folder -> replace(folder.resolve("m.gguf"), from, to), RUN, "DIR/m.gguf: " + message);
    }

    private static Case config(String what, Consumer<ObjectNode> change, String message) {
        return of(
                what,
                folder -> {
                    try {
                        Path file = folder.resolve("model/config.json");
                        ObjectNode config = (ObjectNode) JSON.readTree(file.toFile());
                        change.accept(config);
                        JSON.writeValue(file.toFile(), config);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                },
                RUN_FOLDER,
                message);
    }

    private static Case misuse(String arguments, String message) {
        String command = arguments.substring(0, arguments.indexOf(' '));
        return new Case(arguments, folder -> {}, arguments, 2, message + "; see 'tilewright " + command + " --help'");
    }

    static Stream<Case> ggufFiles() {
        return Stream.of(
                of(
                        "weights cut short",
                        folder -> cut(folder.resolve("m.gguf"), 1_000_000),
                        RUN,
                        "DIR/m.gguf: tensor 'blk.0.ffn_down_exps.weight' takes 278528 bytes from byte 12480 + 983040"
                                + " on, but the file ends at byte 1000000; it was cut short, fetch it again"),
                of(
                        "metadata cut short",
                        folder -> cut(folder.resolve("m.gguf"), 1000),
                        RUN,
                        "DIR/m.gguf: at byte 683: says 512 elements of 'tokenizer.ggml.tokens', but only 309 bytes"
                                + " follow; the file is damaged, fetch it again"),
                of(
                        "an empty file",
                        folder -> cut(folder.resolve("m.gguf"), 0),
                        RUN,
                        "DIR/m.gguf: begins with '', expected 'GGUF'; it is not a GGUF file or was cut short, fetch"
                                + " it again"),
                gguf(
                        "another magic",
                        "GGUF\3",
                        "GGML\3",
                        "begins with 'GGML', expected 'GGUF'; it is not a GGUF file or was cut short, fetch it again"),
                gguf(
                        "another version",
                        "GGUF\3",
                        "GGUF\143",
                        "GGUF version 99, expected 2 or 3; convert the checkpoint to GGUF again"),
                gguf(
                        "a missing tensor",
                        "blk.0.attn_q.weight",
                        "blk.0.attn_z.weight",
                        "tensor 'blk.0.attn_q.weight' is missing; did you mean 'blk.0.attn_k.weight'? (the"
                                + " checkpoint has 27 tensors)"),
                gguf(
                        "no vocabulary",
                        "tokenizer.ggml.model",
                        "tokenizer.ggml.mudel",
                        "there is no metadata key 'tokenizer.ggml.model' among 21; did you mean"
                                + " 'tokenizer.ggml.mudel'?"),
                gguf(
                        "an unknown kind of vocabulary",
                        "\4\0\0\0\0\0\0\0gpt2",
                        "\4\0\0\0\0\0\0\0gpt9",
                        "metadata 'tokenizer.ggml.model' is 'gpt9', expected one of gpt2, gemma4, llama, bert, t5,"
                                + " rwkv; did you mean 'gpt2'?"));
    }

    static Stream<Case> folders() {
        return Stream.of(
                input(
                        "no GGUF file",
                        "run DIR/missing.gguf --prompt hello",
                        "DIR/missing.gguf: there is no such file; a model is a folder with config.json and"
                                + " safetensors, or a .gguf file"),
                of(
                        "no configuration",
                        folder -> delete(folder.resolve("model/config.json")),
                        RUN_FOLDER,
                        "DIR/model/config.json: there is no such file; a model is a folder with config.json and"
                                + " model.safetensors"),
                of(
                        "no weights",
                        folder -> delete(folder.resolve("model/model.safetensors")),
                        RUN_FOLDER,
                        "DIR/model: the folder holds neither model.safetensors nor model.safetensors.index.json,"
                                + " only config.json, tokenizer.json; give the folder of the model or its"
                                + " .safetensors file"),
                of(
                        "weights cut short",
                        folder -> cut(folder.resolve("model/model.safetensors"), 1_000_000),
                        RUN_FOLDER,
                        "DIR/model/model.safetensors: tensor 'model.layers.0.mlp.experts.1.gate_proj.weight' has"
                                + " data_offsets [925696, 1056768], but only 995072 bytes follow the header; the file"
                                + " was cut short, fetch it again"),
                of(
                        "no tokenizer",
                        folder -> delete(folder.resolve("model/tokenizer.json")),
                        RUN_FOLDER,
                        "DIR/model: there is no tokenizer.json in this folder; fetch it from where the model is"
                                + " published"),
                of(
                        "a tokenizer that is no JSON",
                        folder -> write(folder.resolve("model/tokenizer.json"), "{\"model\": "),
                        RUN_FOLDER,
                        "DIR/model/tokenizer.json: is not valid JSON at line 1 (Unexpected end-of-input within/between"
                                + " Object entries); the file is damaged, fetch it again"),
                of(
                        "an unknown tokenizer",
                        folder -> write(folder.resolve("model/tokenizer.json"), "{\"model\": {\"type\": \"Magic\"}}"),
                        "tokenize DIR/model --text hello",
                        "DIR/model/tokenizer.json: 'model.type' is 'Magic', expected one of BPE, Unigram, WordPiece,"
                                + " WordLevel"),
                config(
                        "more experts than there are",
                        config -> config.put("num_experts", 8),
                        "DIR/model/model.safetensors: tensor 'model.layers.0.mlp.experts.4.gate_proj.weight' is"
                                + " missing; did you mean 'model.layers.0.mlp.experts.0.gate_proj.weight'? (the"
                                + " checkpoint has 45 tensors)"),
                of(
                        "a chat template that does not end",
                        folder -> write(
                                folder.resolve("model/tokenizer_config.json"),
                                "{\"chat_template\": \"{% if messages %}\"}"),
                        RUN_FOLDER,
                        "DIR/model: chat template, line 1: block without elif or else or endif"));
    }

    static Stream<Case> texts() {
        return Stream.of(
                impossible(
                        "a prompt longer than the context",
                        "run DIR/model --prompt abcdefghijklmnop --context 4",
                        "DIR/model: the prompt has 11 tokens, but the context holds 4 with the answer; shorten it, or"
                                + " allow more with --context, at most 512"),
                impossible(
                        "a context longer than the model's",
                        "run DIR/model --prompt hello --context 1000",
                        "DIR/model: --context is 1000, but the model was made for at most 512 tokens"),
                impossible(
                        "an empty prompt",
                        "run DIR/model --prompt=",
                        "DIR/model: the prompt has no tokens, expected at least one character"),
                impossible(
                        "a system message without a template",
                        "run DIR/model --prompt hello --system brief",
                        "DIR/model: has no chat template, so there is no place for --system; write it into the text"),
                input("no text", "perplexity DIR/model --text DIR/text.txt", "DIR/text.txt: there is no such file"),
                input("a folder as text", "tokenize DIR/model --file DIR/model", "DIR/model: is no regular file"),
                of(
                        "a text shorter than a window",
                        folder -> write(folder.resolve("text.txt"), "hello"),
                        "perplexity DIR/model --text DIR/text.txt",
                        "DIR/text.txt: holds 4 tokens, a window of 128 needs at least 129; give more text or a"
                                + " smaller --window"),
                impossible(
                        "a window longer than the context",
                        "perplexity DIR/model --text DIR/text.txt --window 513",
                        "DIR/model: --window is 513, but the context holds 512 tokens"),
                of(
                        "a text with a zero byte",
                        folder -> write(folder.resolve("text.txt"), "to be\0or not"),
                        "perplexity DIR/model --text DIR/text.txt",
                        "DIR/text.txt: byte 5 is 0, so this is no text in UTF-8; ids are given with --ids FILE.npy, other"
                                + " encodings have to be converted (iconv -t UTF-8)"),
                impossible(
                        "a profile's window longer than the context",
                        "profile DIR/model --text DIR/text.txt --window 513 -o DIR/p",
                        "DIR/model: --window is 513, but the context holds 512 tokens"),
                input(
                        "a profile in no folder",
                        "profile DIR/model --text DIR/text.txt -o DIR/nowhere/p",
                        "DIR/nowhere/p: cannot be written, as DIR/nowhere is no folder"),
                impossible(
                        "a round longer than the context",
                        "bench DIR/model -p 600",
                        "DIR/model: -p is 600, but the model was made for at most 512 tokens"));
    }

    static Stream<Case> ids() {
        return Stream.of(
                impossible(
                        "an id out of the vocabulary",
                        "logits DIR/model --ids 1,512 -o DIR/out.npy",
                        "--ids: id 1 is 512, the vocabulary has 0 to 511; do model and ids belong together?"),
                impossible(
                        "an id that is a word",
                        "logits DIR/model --ids 1,two -o DIR/out.npy",
                        "--ids: id 1 is 'two', expected whole numbers from 0 on between commas"),
                impossible(
                        "a negative id",
                        "logits DIR/model --ids=-1 -o DIR/out.npy",
                        "--ids: id 0 is '-1', expected whole numbers from 0 on between commas"),
                impossible(
                        "no ids",
                        "logits DIR/model --ids , -o DIR/out.npy",
                        "--ids: holds no ids, expected numbers between commas"),
                impossible(
                        "ids for an encoder that is not there",
                        "logits DIR/model --ids 1 --encoder-ids 2 -o DIR/out.npy",
                        "DIR/model: has no encoder, so --encoder-ids has no place"),
                input(
                        "an output in no folder",
                        "logits DIR/model --ids 1 -o DIR/nowhere/out.npy",
                        "DIR/nowhere/out.npy: cannot be written, as DIR/nowhere is no folder"),
                input(
                        "no file of ids",
                        "perplexity DIR/model --ids DIR/ids.npy",
                        "DIR/ids.npy: there is no such file; give an .npy file"),
                of(
                        "ids that are fractions",
                        folder -> npy(folder.resolve("ids.npy")),
                        "perplexity DIR/model --ids DIR/ids.npy",
                        "DIR/ids.npy: elements are F32, expected integers; save with astype('int64')"),
                of(
                        "ids that are no array",
                        folder -> write(folder.resolve("ids.npy"), "hello there, this is text"),
                        "perplexity DIR/model --ids DIR/ids.npy",
                        "DIR/ids.npy: does not start with an .npy header; save the array with numpy.save"),
                of(
                        "a word among the ids of a file",
                        folder -> write(folder.resolve("ids.txt"), "1 2 3 x"),
                        "perplexity DIR/model --ids DIR/ids.txt",
                        "DIR/ids.txt: id 3 is 'x', expected whole numbers from 0 on between commas"),
                of(
                        "ids of another vocabulary",
                        folder -> write(folder.resolve("ids.txt"), "1 2 3 600"),
                        "perplexity DIR/model --ids DIR/ids.txt --window 2",
                        "DIR/ids.txt: id 3 is 600, the vocabulary has 0 to 511; do model and ids belong together?"),
                of(
                        "an id of eleven digits",
                        folder -> write(folder.resolve("ids.txt"), "1 99999999999"),
                        "perplexity DIR/model --ids DIR/ids.txt --window 1",
                        "DIR/ids.txt: id 1 is '99999999999', expected whole numbers from 0 on between commas"));
    }

    static Stream<Case> kinds() {
        String vision = Tilewright.example().toString();
        return Stream.of(
                input(
                        "a vision model for a text",
                        "run " + vision + " --prompt hello",
                        vision + ": is a vision model; give the folder or the .gguf file of a language model (eval and"
                                + " run --image take vision models)"),
                input(
                        "a language model for an image",
                        "run DIR/model --image DIR/a.png",
                        "DIR/model: is a language model and takes no images; give --prompt TEXT or --chat instead of"
                                + " --image"),
                input(
                        "a language model for a board",
                        "compile DIR/model --board zcu102 -o DIR/out",
                        "DIR/model: is a language model and compile takes vision models; tilewright run, bench and pack"
                                + " take language models"),
                input(
                        "a language model for a data set",
                        "eval DIR/m.gguf --data DIR/images",
                        "DIR/m.gguf: is a language model and takes no images; perplexity measures it on a text"),
                of(
                        "a build directory for a text",
                        folder -> write(folder.resolve("build/build.json"), "{}"),
                        "run DIR/build --prompt hello",
                        "DIR/build: is a build directory, which holds a vision design; give the folder or the .gguf"
                                + " file of a language model"),
                impossible(
                        "an unknown format of weights",
                        "random-model tiny-lm -o DIR/o.gguf --format q8_1",
                        "there is no format 'q8_1' of weights; formats are f32, f16, bf16, q4_0, q4_1, q5_0, q5_1,"
                                + " q8_0, q2_k, q3_k, q4_k, q5_k, q6_k, iq4_nl, iq4_xs, mxfp4, q4_k_m; did you mean"
                                + " 'q4_1'?"),
                impossible(
                        "a block format in safetensors",
                        "random-model tiny-lm -o DIR/o --format q8_0",
                        "safetensors files hold no q8_0; give -o FILE.gguf, or --format f32, f16 or bf16"),
                input(
                        "a file that is there already",
                        "random-model tiny-lm -o DIR/m.gguf",
                        "DIR/m.gguf: exists already; give a new name"));
    }

    static Stream<Case> misuses() {
        return Stream.of(
                misuse("run DIR/model", "nothing to run; give --prompt TEXT, --chat or --image FILE"),
                misuse("run DIR/model --prompt a --chat", "--prompt and --chat exclude each other"),
                misuse("run DIR/model --prompt a --index 1", "--index goes with --image, not with --prompt"),
                misuse("run DIR/model --image x --top-k 3", "--top-k goes with --prompt or --chat, not with --image"),
                misuse(
                        "run DIR/model --prompt a --cache f15",
                        "Invalid value for option '--cache': is 'f15', expected f32, f16 or q8"),
                misuse(
                        "run DIR/model --prompt a --activations int4",
                        "Invalid value for option '--activations': is 'int4', expected float or int8"),
                misuse("run DIR/model --prompt a --threads 0", "--threads is 0, expected 1 to 1024"),
                misuse("run DIR/model --prompt a -n 0", "-n is 0, expected at least 1"),
                new Case(
                        "an empty path",
                        folder -> {},
                        "pack DIR/model --bits 4 -o=",
                        2,
                        "Invalid value for option '-o': is empty, expected a file or folder; see 'tilewright pack --help'"),
                misuse("run DIR/model --prompt a --top-p 0", "--top-p is 0.0, expected above 0, at most 1"),
                misuse("run DIR/model --prompt a --temperature -1", "--temperature is -1.0, expected 0 or more"),
                misuse("run DIR/model --prompt a --stop=", "--stop is empty, expected at least one character"),
                misuse(
                        "run DIR/model --prompt a --system b --raw",
                        "--system and --raw exclude each other: raw text has no system message"),
                misuse("perplexity DIR/model", "give either --text FILE or --ids FILE"),
                misuse("perplexity DIR/model --ids a --text b", "give either --text FILE or --ids FILE"),
                misuse("perplexity DIR/model --ids a --window 0", "--window is 0, expected at least 1"),
                misuse("tokenize DIR/model", "give either --text TEXT or --file FILE"),
                misuse("logits DIR/model --ids 1", "Missing required option: '-o=FILE'"),
                misuse("bench DIR/model -r 0", "-r is 0, expected at least 1"),
                misuse("bench DIR/model -p 0 -n 0", "-p and -n are both 0, so there is nothing to measure"),
                misuse(
                        "random-model tiny -o DIR/o --format q8_0",
                        "--format is for language models, and tiny is a vision model, which is float32 in a folder"));
    }

    @ParameterizedTest
    @MethodSource({"ggufFiles", "folders", "texts", "ids", "kinds", "misuses"})
    void isRefusedInOneLineAndNothingIsWritten(Case damaged) throws IOException {
        copySoundModels();
        damaged.damage().accept(folder);
        Map<String, String> before = contents();

        Result result = Tilewright.run(
                (Object[]) damaged.command().replace("DIR/", folder + "/").split(" "));

        assertEquals(
                List.of("tilewright: " + damaged.message().replace("DIR/", folder + "/")),
                result.complaints(),
                result.err());
        assertEquals(damaged.status(), result.status());
        assertEquals("", result.out());
        assertEquals(before, contents(), "something was written");
    }

    private void copySoundModels() throws IOException {
        try (Stream<Path> all = Files.walk(sound)) {
            for (Path path : all.skip(1).toList()) {
                Files.copy(path, folder.resolve(sound.relativize(path).toString()));
            }
        }
    }

    /** Every file and folder, with what tells whether a file was changed. */
    private Map<String, String> contents() throws IOException {
        Map<String, String> contents = new TreeMap<>();
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.toList()) {
                contents.put(
                        folder.relativize(path).toString(),
                        Files.isDirectory(path)
                                ? "folder"
                                : Files.size(path) + " bytes, hash " + Arrays.hashCode(Files.readAllBytes(path)));
            }
        }
        return contents;
    }

    private static void write(Path file, String text) {
        try {
            Files.createDirectories(file.getParent());
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path file) {
        try {
            Files.delete(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void cut(Path file, int bytes) {
        try {
            Files.write(file, Arrays.copyOf(Files.readAllBytes(file), bytes));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Replaces bytes by as many others wherever they occur. */
    private static void replace(Path file, String from, String to) {
        try {
            assertEquals(from.length(), to.length());
            String text = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
            Files.write(file, text.replace(from, to).getBytes(StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void npy(Path file) {
        try {
            Npy.write(file, new float[] {1, 2}, 2);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

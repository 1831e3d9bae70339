package tilewright.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tilewright.tests.Tilewright.Result;

/** Damaged inputs through the command line: one line says what is wrong, and nothing is written. */
class DamagedInputsTest {
    private static final String COMPILE = "compile DIR/model --board zcu102 -o DIR/out";

    @TempDir
    Path folder;

    /**
     * A damaged input.
     *
     * @param what is damaged
     * @param damage done to a folder that holds a sound model in {@code model}
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

    private static Case of(String what, Consumer<Path> damage, String command, String message) {
        return new Case(what, damage, command, 1, message);
    }

    private static Case unusable(String what, String command, String message) {
        return new Case(what, folder -> {}, command, 2, message);
    }

    private static Case model(String what, Consumer<DamagedModel> damage, String message) {
        return of(what, folder -> damage.accept(DamagedModel.at(folder.resolve("model"))), COMPILE, message);
    }

    private static Case config(String what, Consumer<ObjectNode> change, String message) {
        return model(what, model -> model.config(change), "DIR/model/config.json: " + message);
    }

    private static Case header(String what, Consumer<ObjectNode> change, String message) {
        return model(what, model -> model.header(change), "DIR/model/model.safetensors: " + message);
    }

    private static Case data(String what, Consumer<Path> damage, String command, String message) {
        return of(what, damage, command, message);
    }

    private static Case misuse(String arguments, String message) {
        String command = arguments.substring(0, arguments.indexOf(' '));
        return new Case(arguments, folder -> {}, arguments, 2, message + "; see 'tilewright " + command + " --help'");
    }

    private static ObjectNode tensor(ObjectNode header, String name) {
        return (ObjectNode) header.get(name);
    }

    private static void offsets(ObjectNode header, String name, long from, long to) {
        tensor(header, name).putArray("data_offsets").add(from).add(to);
    }

    private static void shape(ObjectNode header, String name, long... sizes) {
        ArrayNode shape = tensor(header, name).putArray("shape");
        Arrays.stream(sizes).forEach(shape::add);
    }

    static Stream<Case> checkpoints() {
        return Stream.of(
                model(
                        "weights cut in the data",
                        model -> model.cut(-100),
                        "DIR/model/model.safetensors: tensor 'heads.1.weight' has data_offsets [12652, 12844],"
                                + " but only 12760 bytes follow the header; the file was cut short, fetch it again"),
                model(
                        "weights cut in the header",
                        model -> model.cut(500),
                        "DIR/model/model.safetensors: header length 4040 exceeds the file's 500 bytes; it is not"
                                + " a safetensors file or was cut short, fetch it again"),
                model(
                        "weights of length 0",
                        model -> model.cut(0),
                        "DIR/model/model.safetensors: 0 bytes are too few for a safetensors file; it was cut"
                                + " short, fetch it again"),
                model(
                        "no weights",
                        model -> delete(model.weights()),
                        "DIR/model: the folder holds neither model.safetensors nor model.safetensors.index.json,"
                                + " only config.json; give the folder of the model or its .safetensors file"),
                header(
                        "overlapping tensors",
                        header -> offsets(header, "norm.bias", 12440, 12488),
                        "tensor 'norm.bias' at data offset 12440 overlaps tensor 'norm.weight', which ends at"
                                + " 12448; the file is damaged, fetch it again"),
                header(
                        "a tensor beyond the end",
                        header -> offsets(header, "heads.1.bias", 12844, 99999),
                        "tensor 'heads.1.bias' has data_offsets [12844, 99999], but only 12860 bytes follow the"
                                + " header; the file was cut short, fetch it again"),
                header(
                        "offsets that are no numbers",
                        header -> tensor(header, "norm.bias").put("data_offsets", "all"),
                        "header has all as data_offsets of tensor 'norm.bias', expected an array of integers;"
                                + " the file is damaged, fetch it again"),
                header(
                        "a shape that needs other bytes",
                        header -> shape(header, "norm.bias", 13),
                        "tensor 'norm.bias' has data_offsets [12448, 12496] (48 bytes), but shape [13] of F32"
                                + " takes 52 bytes; the file is damaged, fetch it again"),
                header(
                        "a negative dimension",
                        header -> shape(header, "norm.bias", -12),
                        "header has -12 in shape of tensor 'norm.bias', expected 0 to 9223372036854775807; the"
                                + " file is damaged, fetch it again"),
                header(
                        "an unknown element type",
                        header -> tensor(header, "norm.bias").put("dtype", "F31"),
                        "tensor 'norm.bias' has dtype 'F31', expected one of F64, F32, F16, BF16, I64, I32, I16,"
                                + " I8, U8, BOOL, U16, U32, U64, F8_E4M3, F8_E5M2, F8_E8M0; convert the checkpoint, for example to BF16"),
                header(
                        "a transposed matrix",
                        header -> shape(header, "blocks.0.mlp.fc1.weight", 12, 20),
                        "tensor 'blocks.0.mlp.fc1.weight' has shape [12, 20], expected [20, 12]; is the"
                                + " checkpoint transposed?"),
                header(
                        "a missing tensor",
                        header -> header.set("norm.biass", header.remove("norm.bias")),
                        "tensor 'norm.bias' is missing; did you mean 'norm.biass'? (the checkpoint has 48"
                                + " tensors)"),
                header(
                        "a hole between tensors",
                        header -> header.remove("blocks.1.mlp.experts.3.fc2.bias"),
                        "tensor 'blocks.1.mlp.gates.0.weight' at data offset 12016 leaves a gap of 48 bytes"
                                + " before it; the file is damaged, fetch it again"),
                model(
                        "a weight that is not a number",
                        model -> model.element("blocks.0.mlp.fc2.weight", 5, Float.NaN),
                        "DIR/model/model.safetensors: tensor 'blocks.0.mlp.fc2.weight' holds NaN at index [0, 5]"
                                + " (1 of 240 values are not finite); the checkpoint is damaged or training diverged, use"
                                + " another one"),
                model(
                        "an infinite weight",
                        model -> model.element("blocks.1.mlp.experts.2.fc1.weight", 0, Float.POSITIVE_INFINITY),
                        "DIR/model/model.safetensors: tensor 'blocks.1.mlp.experts.2.fc1.weight' holds Infinity"
                                + " at index [0, 0] (1 of 96 values are not finite); the checkpoint is damaged or training"
                                + " diverged, use another one"));
    }

    static Stream<Case> configurations() {
        return Stream.of(
                of(
                        "no model",
                        folder -> delete(folder.resolve("model")),
                        COMPILE.replace("DIR/model", "DIR/modle"),
                        "DIR/modle: there is no such folder; a model is a folder with config.json and"
                                + " model.safetensors"),
                model(
                        "no configuration",
                        model -> delete(model.folder().resolve("config.json")),
                        "DIR/model/config.json: there is no such file; a model is a folder with config.json and"
                                + " model.safetensors"),
                model(
                        "a configuration that is no JSON",
                        model -> model.configText("{\n  \"model_type\": vit\n}"),
                        "DIR/model/config.json: is not valid JSON at line 2, column 17: Unrecognized token"
                                + " 'vit': was expecting (JSON String, Number..."),
                config(
                        "an unknown family",
                        config -> config.put("model_type", "vit_moe_multitsk"),
                        "key 'model_type' is 'vit_moe_multitsk', expected one of vit_moe_multitask, vit, deit,"
                                + " m3vit; did you mean 'vit_moe_multitask'?"),
                config(
                        "no family",
                        config -> config.remove("model_type"),
                        "key 'model_type' is missing, expected a string"),
                config(
                        "heads that do not divide the width",
                        config -> config.put("num_heads", 5),
                        "key 'hidden_size' is 12, expected a multiple of num_heads, 5"),
                config(
                        "more experts per token than experts",
                        config -> config.put("top_k", 5),
                        "key 'top_k' is 5, expected at most num_experts, 4"),
                config(
                        "a block that does not exist",
                        config -> config.putArray("moe_layers").add(2),
                        "key 'moe_layers' is 2, expected a whole number from 0 to 1"),
                config(
                        "a patch that does not divide the image",
                        config -> config.put("patch_size", 5),
                        "key 'image_size' is 8 x 12, expected multiples of patch_size, 5"),
                config(
                        "a deviation of 0",
                        config -> config.put("pixel_std", 0),
                        "key 'pixel_std' is 0, expected a number from 1.0E-6 to 1000000.0"),
                config(
                        "a size that is no number",
                        config -> config.put("hidden_size", "twelve"),
                        "key 'hidden_size' is \"twelve\", expected a whole number from 1 to 65536"),
                config(
                        "a task twice",
                        config -> ((ObjectNode) config.get("tasks").get(1)).put("name", "digit"),
                        "key 'tasks[1].name' has 'digit' twice"),
                config(
                        "an unknown activation",
                        config -> config.put("hidden_act", "gelu_erv"),
                        "key 'hidden_act' is 'gelu_erv', expected one of gelu, gelu_erf, gelu_new,"
                                + " gelu_pytorch_tanh, quick_gelu, relu, silu, swish, tanh; did you mean 'gelu_erf'?"));
    }

    static Stream<Case> boardsAndFolders() {
        return Stream.of(
                unusable(
                        "an unknown board",
                        COMPILE.replace("zcu102", "zcu103"),
                        "unknown board 'zcu103'; did you mean 'zcu102'? Known: alveo-u280, alveo-u50,"
                                + " generic-cpu, ice40-hx8k, icebreaker, jetson-agx-orin-64gb, jetson-orin-nano-8gb,"
                                + " jetson-orin-nx-16gb, kv260, nvidia-h200, pynq-z2, ulx3s-85f, vck190, zcu102, zcu104;"
                                + " or give the path of a YAML file"),
                of(
                        "no board file",
                        folder -> {},
                        COMPILE.replace("zcu102", "DIR/mine.yaml"),
                        "DIR/mine.yaml: no such file; give a YAML file or one of alveo-u280, alveo-u50,"
                                + " generic-cpu, ice40-hx8k, icebreaker, jetson-agx-orin-64gb, jetson-orin-nano-8gb,"
                                + " jetson-orin-nx-16gb, kv260, nvidia-h200, pynq-z2, ulx3s-85f, vck190, zcu102, zcu104"),
                of(
                        "a broken board file",
                        folder -> write(folder.resolve("mine.yaml"), "name: mine\ndescription: broken\nkind: fpgaa\n"),
                        COMPILE.replace("zcu102", "DIR/mine.yaml"),
                        "DIR/mine.yaml:3: kind is 'fpgaa', which is not known here; did you mean 'fpga'? Known:"
                                + " fpga, gpu, cpu"),
                of(
                        "a board file that is no YAML",
                        folder -> write(folder.resolve("mine.yaml"), "name: [mine\n"),
                        COMPILE.replace("zcu102", "DIR/mine.yaml"),
                        "DIR/mine.yaml:2: not valid YAML: expected ',' or ']', but got <stream end>; check"
                                + " indentation and quotes near column 1"),
                unusable(
                        "a board without programmable logic",
                        COMPILE.replace("zcu102", "nvidia-h200"),
                        "nvidia-h200 is a gpu and the HLS flow needs an FPGA; FPGA boards are alveo-u280,"
                                + " alveo-u50, ice40-hx8k, icebreaker, kv260, pynq-z2, ulx3s-85f, vck190, zcu102, zcu104"),
                of(
                        "an output folder with something in it",
                        folder -> write(folder.resolve("out/precious.txt"), "mine"),
                        COMPILE,
                        "DIR/out: the output folder is not empty and is no build directory; choose another folder"),
                of(
                        "an output folder with something in it, by force",
                        folder -> write(folder.resolve("out/precious.txt"), "mine"),
                        COMPILE + " --force",
                        "DIR/out: the output folder is not empty and is no build directory; choose another folder"),
                of(
                        "an output folder with a build in it",
                        folder -> write(folder.resolve("out/build.json"), "{}"),
                        COMPILE,
                        "DIR/out: the output folder is not empty; --force replaces the build in it"),
                of(
                        "a file as output folder",
                        folder -> write(folder.resolve("out"), "mine"),
                        COMPILE,
                        "DIR/out: is a file; choose another output folder"),
                of(
                        "a model as a build",
                        folder -> {},
                        "verify DIR/model",
                        "DIR/model: is no build directory, it has no build.json; make one with tilewright"
                                + " compile MODEL --board NAME -o DIR/model"),
                of(
                        "no build",
                        folder -> {},
                        "verify DIR/out",
                        "DIR/out: is no build directory, it has no build.json; make one with tilewright compile"
                                + " MODEL --board NAME -o DIR/out"),
                of(
                        "a manifest that is no JSON",
                        folder -> write(folder.resolve("out/build.json"), "{"),
                        "verify DIR/out",
                        "DIR/out/build.json: is damaged at line 1, column 2; compile the model again"),
                unusable(
                        "an unknown task",
                        COMPILE + " --task digt",
                        "model 'vit_moe_multitask' has no task 'digt'; it has digit, edge; did you mean 'digit'?"),
                unusable(
                        "an unknown shape of model",
                        "random-model tinny -o DIR/out",
                        "there is no model shape 'tinny'; shapes are edge-moe, moe-vit-100m, olmoe-1b-7b, tiny, tiny-lm,"
                                + " tiny-m3vit; did you mean 'tiny'?"));
    }

    static Stream<Case> images() {
        String eval = "eval DIR/model --data DIR/images-idx3-ubyte";
        return Stream.of(
                data(
                        "no images",
                        folder -> {},
                        eval,
                        "DIR/images-idx3-ubyte: there is no such file or folder; supported are idx files (also"
                                + " .gz), .npz, .npy, .png and folders of .png files"),
                data(
                        "images of another size",
                        folder -> idx(folder, 2, 8, 8),
                        eval,
                        "DIR/images-idx3-ubyte: images are 1 x 8 x 8, but the model in DIR/model takes 1 x 8 x"
                                + " 12 (channels x rows x columns); resize them first"),
                data(
                        "calibration images of another size",
                        folder -> idx(folder, 2, 8, 8),
                        COMPILE + " --calibrate DIR/images-idx3-ubyte",
                        "DIR/images-idx3-ubyte: images are 1 x 8 x 8, but the model in DIR/model takes 1 x 8 x"
                                + " 12 (channels x rows x columns); resize them first"),
                data(
                        "images cut short",
                        folder -> {
                            idx(folder, 2, 8, 12);
                            cut(folder.resolve("images-idx3-ubyte"), 100);
                        },
                        eval,
                        "DIR/images-idx3-ubyte: extents [2, 8, 12] take 192 bytes, but 84 follow the header; the"
                                + " file is damaged, fetch it again"),
                data(
                        "too few labels",
                        folder -> {
                            idx(folder, 2, 8, 12);
                            labels(folder, 1);
                        },
                        eval,
                        "DIR/labels-idx1-ubyte: labels of extents [1], but images-idx3-ubyte holds 2 images; use"
                                + " the labels of the same set"),
                data(
                        "a label beyond the classes",
                        folder -> {
                            idx(folder, 2, 8, 12);
                            labels(folder, 0, 3);
                        },
                        eval,
                        "DIR/images-idx3-ubyte: image 1 has label 3, but output 'digit' has 3 classes; do model"
                                + " and data belong together?"),
                data(
                        "an archive cut short",
                        folder -> write(folder.resolve("images-idx3-ubyte"), "PK\3\4 and no more"),
                        eval,
                        "DIR/images-idx3-ubyte: cannot be read (zip END header not found); the file is damaged"
                                + " or not accessible"),
                data(
                        "a picture cut short",
                        folder -> write(folder.resolve("a.png"), "\u0089PNG\r\n\u001a\n and no more"),
                        "run DIR/model --image DIR/a.png",
                        "DIR/a.png: ends within its header; the file was cut short, fetch it again"),
                data(
                        "an empty folder",
                        folder -> {},
                        "eval DIR/model --data DIR/empty",
                        "DIR/empty: the folder holds no .png files; supported are idx files (also .gz), .npz,"
                                + " .npy, .png and folders of .png files"),
                data(
                        "text",
                        folder -> write(folder.resolve("images-idx3-ubyte"), "hello"),
                        eval,
                        "DIR/images-idx3-ubyte: neither idx nor .npz nor PNG (it starts with 68 65 6c 6c);"
                                + " supported are idx files (also .gz), .npz, .npy, .png and folders of .png files"),
                data(
                        "a data set's folder",
                        folder -> idx(folder.resolve("empty"), 2, 8, 12),
                        "eval DIR/model --data DIR/empty",
                        "DIR/empty: the folder holds no .png files, but there is DIR/empty/images-idx3-ubyte: give that"
                                + " file"),
                new Case(
                        "an image that is not there",
                        folder -> idx(folder, 2, 8, 12),
                        "run DIR/model --image DIR/images-idx3-ubyte --index 2",
                        2,
                        "DIR/images-idx3-ubyte: there is no image 2; it holds 2, counted from 0"));
    }

    static Stream<Case> misuses() {
        return Stream.of(
                misuse("compile DIR/model --board zcu102 -o DIR/out --bits 7", "--bits is 7, expected 8 or 16"),
                misuse("compile DIR/model --board zcu102 -o DIR/out --limit 0", "--limit is 0, expected at least 1"),
                misuse("compile DIR/model -o DIR/out", "Missing required option: '--board=NAME|FILE'"),
                misuse("compile DIR/model --board zcu102", "Missing required option: '-o=DIR'"),
                misuse("verify DIR/model --images 0", "--images is 0, expected at least 1"),
                misuse("eval DIR/model --data DIR --limit -1", "--limit is -1, expected at least 1"));
    }

    @ParameterizedTest
    @MethodSource({"checkpoints", "configurations", "boardsAndFolders", "images", "misuses"})
    void isRefusedInOneLineAndNothingIsWritten(Case damaged) throws IOException {
        DamagedModel.in(folder.resolve("model"));
        Files.createDirectories(folder.resolve("empty"));
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

    /** Every file and folder, with the bytes of files. */
    private Map<String, String> contents() throws IOException {
        Map<String, String> contents = new TreeMap<>();
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.toList()) {
                contents.put(
                        folder.relativize(path).toString(),
                        Files.isDirectory(path)
                                ? "folder"
                                : new String(Files.readAllBytes(path), StandardCharsets.ISO_8859_1));
            }
        }
        return contents;
    }

    private static void write(Path file, String text) {
        try {
            Files.createDirectories(file.getParent());
            Files.writeString(file, text, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path path) {
        try (Stream<Path> all = Files.walk(path)) {
            for (Path each : all.toList().reversed()) {
                Files.delete(each);
            }
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

    /** Black images in MNIST's format. */
    private static void idx(Path folder, int count, int height, int width) {
        ByteBuffer bytes = ByteBuffer.allocate(16 + count * height * width);
        bytes.putInt(0x803).putInt(count).putInt(height).putInt(width);
        write(folder.resolve("images-idx3-ubyte"), new String(bytes.array(), StandardCharsets.ISO_8859_1));
    }

    private static void labels(Path folder, int... labels) {
        ByteBuffer bytes = ByteBuffer.allocate(8 + labels.length);
        bytes.putInt(0x801).putInt(labels.length);
        Arrays.stream(labels).forEach(label -> bytes.put((byte) label));
        write(folder.resolve("labels-idx1-ubyte"), new String(bytes.array(), StandardCharsets.ISO_8859_1));
    }
}

package tilewright.model.tokenizer;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.statistics.Statistics;
import tilewright.model.InvalidInputException;
import tilewright.model.chat.ChatTemplate;
import tilewright.model.chat.Message;
import tilewright.model.tensor.Fuzzing;

/** Whatever a tokenizer's files hold, loading and using it succeeds or is refused; see {@link Fuzzing} for long runs. */
class TokenizerFuzzTest {
    /** Vocabularies are kept as strings, tables and tries, some of them with room to grow. */
    private static final int HEAP_PER_FILE_BYTE = 4000;

    private static final String TEXT = "The river's bridge, 1234 café 中文 🙂\n\t </s> <mask> <0x41>";

    private static void use(Path path) {
        Tokenizer tokenizer = Tokenizers.load(path);
        int[] ids = tokenizer.encode(TEXT, true);
        tokenizer.decode(ids);
        tokenizer.encode(TEXT, false, false);
        tokenizer.endIds();
        TokenStream stream = tokenizer.stream(true);
        for (int id : ids) {
            stream.append(id);
        }
        stream.finish();
    }

    @Property
    void damagedTokenizerFilesAreRefusedOrUsed(@ForAll Random random) throws IOException {
        String name = TestFiles.TOKENIZERS[random.nextInt(TestFiles.TOKENIZERS.length)];
        byte[] bytes = Files.readAllBytes(TestFiles.path(name + "/tokenizer.json"));
        byte[] damaged = random.nextBoolean() ? Fuzzing.damaged(bytes, random) : swapped(bytes, random);
        Fuzzing.Layout layout = folder -> {
            Files.write(folder.resolve("tokenizer.json"), damaged);
            return folder;
        };
        collect(Fuzzing.check(layout, TokenizerFuzzTest::use, HEAP_PER_FILE_BYTE));
    }

    @Property
    void damagedConfigurationsAreRefusedOrUsed(@ForAll Random random) throws IOException {
        byte[] tokenizer = Files.readAllBytes(TestFiles.path("byte-level-split/tokenizer.json"));
        String config = "{\"bos_token\":{\"content\":\"<s>\"},\"eos_token\":\"<|end|>\",\"add_bos_token\":true,"
                + "\"chat_template\":[{\"name\":\"default\",\"template\":\"{{ bos_token }}{% for m in messages %}"
                + "{{ m.content|trim }}{% endfor %}\"}],\"eos_token_id\":[1,0]}";
        byte[] bytes = config.getBytes(StandardCharsets.UTF_8);
        Fuzzing.Layout layout = folder -> {
            Files.write(folder.resolve("tokenizer.json"), tokenizer);
            Files.write(folder.resolve("tokenizer_config.json"), Fuzzing.damaged(bytes, random));
            Files.write(folder.resolve("generation_config.json"), Fuzzing.damaged(bytes, random));
            return folder;
        };
        collect(Fuzzing.check(
                layout,
                path -> {
                    use(path);
                    ChatTemplates.load(path, false)
                            .ifPresent(template -> template.render(List.of(new Message("user", "hi")), true, Map.of()));
                },
                HEAP_PER_FILE_BYTE));
    }

    @Property
    void damagedVocabulariesInGgufFilesAreRefusedOrUsed(@ForAll Random random) throws IOException {
        String name = random.nextBoolean() ? "sentencepiece-uni.gguf" : "sentencepiece-bpe.gguf";
        byte[] bytes = Files.readAllBytes(TestFiles.path(name));
        String[] models = {"bert", "gpt2", "rwkv"};
        byte[] changed = random.nextInt(3) == 0 ? renamed(bytes, models[random.nextInt(3)]) : bytes;
        byte[] damaged = Fuzzing.damaged(changed, random);
        collect(Fuzzing.check("v.gguf", damaged, TokenizerFuzzTest::use, HEAP_PER_FILE_BYTE));
    }

    @Property
    void damagedTemplatesAreRefusedOrRendered(@ForAll Random random) throws IOException {
        String[] names = {"alternating", "macros", "marked-roles", "plain", "thinking"};
        String name = "/tilewright/model/chat/" + names[random.nextInt(names.length)] + ".jinja";
        byte[] bytes = Fuzzing.damaged(
                TokenizerFuzzTest.class.getResourceAsStream(name).readAllBytes(), random);
        List<Message> messages = List.of(
                new Message("system", "be brief"),
                new Message("user", "hi"),
                new Message("assistant", "<think>a</think>b", Map.of("tool_calls", List.of())));
        try {
            ChatTemplate.parse("file", new String(bytes, StandardCharsets.UTF_8), Map.of("bos_token", "<s>"))
                    .render(messages, true, Map.of("tools", List.of(Map.of("function", Map.of("name", "f")))));
            collect(true);
        } catch (InvalidInputException e) {
            if (!e.getMessage().startsWith("file: chat template")) {
                throw e;
            }
            collect(false);
        }
    }

    /** The model's kind is a string of the file: its length is written before it. */
    private static byte[] renamed(byte[] gguf, String model) {
        String text = new String(gguf, StandardCharsets.ISO_8859_1);
        int key = text.indexOf("tokenizer.ggml.model") + "tokenizer.ggml.model".length() + 4;
        int length = gguf[key];
        String value = (char) model.length() + "\0\0\0\0\0\0\0" + model;
        return (text.substring(0, key) + value + text.substring(key + 8 + length))
                .getBytes(StandardCharsets.ISO_8859_1);
    }

    /** One word of the file's own in the place of another: what is valid JSON but means something else. */
    private static byte[] swapped(byte[] json, Random random) {
        String text = new String(json, StandardCharsets.UTF_8);
        String[] words = {
            "true",
            "false",
            "null",
            "\"BPE\"",
            "\"Unigram\"",
            "\"WordPiece\"",
            "\"WordLevel\"",
            "\"Sequence\"",
            "\"Replace\"",
            "\"Split\"",
            "\"Metaspace\"",
            "\"ByteLevel\"",
            "\"first\"",
            "0",
            "1",
            "9999999",
            "-1",
            "\"\"",
            "[]",
            "{}",
            "\"type\"",
            "\"Strip\"",
            "\"Precompiled\"",
            "\"NFKD\"",
            "\"Fuse\""
        };
        for (int i = 0; i <= random.nextInt(3); i++) {
            String from = words[random.nextInt(words.length)];
            String to = words[random.nextInt(words.length)];
            int at = text.indexOf(from, random.nextInt(text.length()));
            if (at >= 0) {
                text = text.substring(0, at) + to + text.substring(at + from.length());
            }
        }
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void collect(boolean success) {
        Statistics.collect(success ? "used" : "refused");
    }
}

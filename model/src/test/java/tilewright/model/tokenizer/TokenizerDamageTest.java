package tilewright.model.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tilewright.model.InvalidInputException;
import tilewright.model.gguf.GgufWriter;

/** What is wrong with a tokenizer's files is said exactly. */
class TokenizerDamageTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource(delimiter = '@', quoteCharacter = '`', textBlock = """
            []                            @ the document is not an object; the file is damaged, fetch it again
            {}                            @ 'model' is missing, expected an object
            {"model":3}                   @ 'model' is 3, expected an object
            {"model":{"type":"BPF"}}      @ 'model.type' is 'BPF', expected one of BPE, Unigram, WordPiece, WordLevel; did you mean 'BPE'?
            {"model":{"type":"BPE","vocab":3}} @ 'model.vocab' is neither an object nor an array; the file is damaged, fetch it again
            {"model":{"type":"BPE","vocab":{"a":-1}}} @ 'model.vocab' gives 'a' the id '-1', expected an integer from 0 to 8388608; the file is damaged, fetch it again
            {"model":{"type":"BPE","vocab":{"a":1.5}}} @ 'model.vocab' gives 'a' the id '1.5', expected an integer from 0 to 8388608; the file is damaged, fetch it again
            {"model":{"type":"BPE","vocab":{"a":0,"b":0}}} @ the document gives two tokens the id 0; the file is damaged, fetch it again
            {"model":{"type":"BPE","vocab":{"a":8000000}}} @ the document gives 'a' the id 8000000 in a vocabulary of 1 tokens; the file is damaged, fetch it again
            {"model":{"type":"BPE","vocab":{"a":0},"merges":["a"]}} @ 'model.merges[0]' is 'a', expected two parts separated by a space; the file is damaged, fetch it again
            {"model":{"type":"BPE","vocab":{"a":0},"merges":[["a"]]}} @ 'model.merges[0]' is neither a string nor a pair of strings; the file is damaged, fetch it again
            {"model":{"type":"BPE","vocab":{"a":0},"merges":["a a"]}} @ 'model.merges[0]' needs the token 'aa', which is not in the vocabulary; the file is damaged, fetch it again
            {"model":{"type":"BPE","vocab":{},"fuse_unk":"no"}} @ 'model.fuse_unk' is "no", expected true or false
            {"model":{"type":"Unigram","vocab":[["a"]]}} @ 'model.vocab[0]' is not a pair of a token and its score; the file is damaged, fetch it again
            {"model":{"type":"Unigram","vocab":[],"unk_id":0}} @ 'model.vocab' is empty, expected pairs of a token and its score
            {"model":{"type":"Unigram","vocab":{"a":0}}} @ 'model.vocab' has no scores, expected pairs of a token and its score
            {"model":{"type":"Unigram","vocab":[["a",0]],"unk_id":7}} @ 'model.unk_id' is 7, expected an integer from 0 to 0
            {"normalizer":{"type":"NFX"},"model":{"vocab":{}}} @ 'normalizer.type' is 'NFX', expected one of Sequence, NFC, NFD, NFKC, NFKD, Lowercase, StripAccents, BertNormalizer, Replace, Prepend, Strip, Nmt, Precompiled, ByteLevel; did you mean 'NFC'?
            {"normalizer":{"type":"Precompiled","precompiled_charsmap":"AAAA"},"model":{"vocab":{}}} @ 'normalizer.precompiled_charsmap' is damaged: of 3 bytes has no length, expected at least 4 bytes
            {"normalizer":{"type":"Replace","pattern":{},"content":""},"model":{"vocab":{}}} @ 'normalizer.pattern' is an object, expected an object with 'String' or 'Regex'
            {"pre_tokenizer":{"type":"Split","pattern":{"Regex":"(a"}},"model":{"vocab":{}}} @ 'pre_tokenizer.pattern.Regex' is not supported: missing ')' at character 2
            {"pre_tokenizer":{"type":"Split","pattern":{"String":"a"},"behavior":"Merged"},"model":{"vocab":{}}} @ 'pre_tokenizer.behavior' is "Merged", expected one of Removed, Isolated, MergedWithPrevious, MergedWithNext, Contiguous
            {"pre_tokenizer":{"type":"Metaspace","replacement":"ab"},"model":{"vocab":{}}} @ 'pre_tokenizer.replacement' has 2 characters, expected one
            {"decoder":{"type":"Strip","content":"a","start":-1,"stop":0},"model":{"vocab":{}}} @ 'decoder.start' is -1, expected an integer from 0 to 2147483647
            {"post_processor":{"type":"TemplateProcessing","single":[]},"model":{"vocab":{}}} @ 'post_processor.single' has no place for the text, expected an object with 'Sequence'
            {"post_processor":{"type":"BertProcessing","cls":["a",9],"sep":["b",1]},"model":{"vocab":{"a":0}}} @ 'post_processor' adds the id 9, expected less than 1, the size of the vocabulary
            {"added_tokens":[{"id":0}],"model":{"vocab":{}}} @ 'added_tokens[0].content' is missing, expected a string
            {"model":{"vocab":{}}} {} @ has text behind the end of the document
            """)
    void aDamagedTokenizerFileIsRefused(String json, String message) throws IOException {
        Path file = Files.writeString(folder.resolve("tokenizer.json"), json);
        assertEquals(
                file + ": " + message,
                refusal(folder).replace(" (Unrecognized", "\n").split("\n")[0]);
    }

    @Test
    void textBehindTheDocumentOrBrokenJsonNamesTheLine() throws IOException {
        Path file = Files.writeString(folder.resolve("tokenizer.json"), "{\n\"model\":\n{]}");
        assertEquals(
                file
                        + ": is not valid JSON at line 3 (Unexpected close marker ']': expected '}'); the file is damaged, fetch it again",
                refusal(folder));
    }

    @Test
    void whatIsNoTokenizerIsRefused() throws IOException {
        assertEquals(
                folder + ": there is no tokenizer.json in this folder; fetch it from where the model is published",
                refusal(folder));
        Path missing = folder.resolve("none.gguf");
        assertEquals(missing + ": there is no such file; expected a model folder or a GGUF file", refusal(missing));
        Path text = Files.writeString(folder.resolve("a.txt"), "x");
        assertEquals(
                text + ": is neither a folder nor a .gguf file; expected one of these or a tokenizer.json",
                refusal(text));
    }

    @Test
    void aDamagedVocabularyInAGgufFileIsRefused() throws IOException {
        String again = "; convert the checkpoint to GGUF again";
        assertRefused(
                vocabulary("gpt3"),
                "metadata 'tokenizer.ggml.model' is 'gpt3', expected one of gpt2, gemma4,"
                        + " llama, bert, t5, rwkv; did you mean 'gpt2'?");
        assertRefused(
                vocabulary("llama").put("tokenizer.ggml.scores", new float[] {1}),
                "metadata 'tokenizer.ggml.scores' has 1 elements, expected one for each of the 2 tokens" + again);
        assertRefused(
                vocabulary("llama").put("tokenizer.ggml.token_type", new int[] {1}),
                "metadata 'tokenizer.ggml.token_type' has 1 elements, expected one for each of the 2 tokens" + again);
        assertRefused(
                vocabulary("gpt2").put("tokenizer.ggml.merges", List.of("ab")),
                "merge 0 of the vocabulary is 'ab', expected two parts separated by a space" + again);
        assertRefused(
                vocabulary("t5").put("tokenizer.ggml.precompiled_charsmap", new int[] {9, 0, 0, 0, 1}),
                "the charsmap says that its trie has 9 bytes, expected a multiple of 4 within the 1 that follow"
                        + again);
        assertRefused(
                new GgufWriter()
                        .put("general.architecture", "llama")
                        .put("tokenizer.ggml.model", "llama")
                        .put("tokenizer.ggml.tokens", List.of()),
                "the vocabulary has 0 tokens, expected 1 to 16777216" + again);
    }

    @Test
    void textThatAVocabularyCannotExpressIsRefused() throws IOException {
        Path file = Files.writeString(
                folder.resolve("tokenizer.json"), "{\"model\":{\"type\":\"WordLevel\",\"vocab\":{\"a\":0}}}");
        Tokenizer tokenizer = Tokenizers.load(folder);
        InvalidInputException refused = assertThrows(InvalidInputException.class, () -> tokenizer.encode("b", false));
        assertEquals(
                file + ": 'b' is not in the vocabulary, and there is no token for the unknown; give text that the model"
                        + " was trained on",
                refused.getMessage());
    }

    @Test
    void normalizersThatMultiplyATextAreStopped() throws IOException {
        String doubles = "{\"type\":\"Replace\",\"pattern\":{\"String\":\"a\"},\"content\":\"aa\"},".repeat(60);
        Files.writeString(
                folder.resolve("tokenizer.json"),
                "{\"normalizer\":{\"type\":\"Sequence\",\"normalizers\":[" + doubles
                        + "{\"type\":\"NFC\"}]},\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0}}}");
        Tokenizer tokenizer = Tokenizers.load(folder);
        assertThrows(InvalidInputException.class, () -> tokenizer.encode("a", false));
    }

    private static GgufWriter vocabulary(String model) {
        return new GgufWriter()
                .put("general.architecture", "llama")
                .put("tokenizer.ggml.model", model)
                .put("tokenizer.ggml.tokens", List.of("a", "b"));
    }

    private void assertRefused(GgufWriter writer, String message) throws IOException {
        Path file = folder.resolve("v.gguf");
        writer.write(file);
        assertEquals(file + ": " + message, refusal(file));
    }

    private static String refusal(Path path) {
        return assertThrows(InvalidInputException.class, () -> Tokenizers.load(path))
                .getMessage();
    }
}

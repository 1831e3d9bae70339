package tilewright.model.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static tilewright.model.tensor.SafetensorsBytes.file;
import static tilewright.model.tensor.SafetensorsBytes.tensor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tilewright.model.InvalidInputException;

/** Damaged folders and indices, with exact messages; {@code %s} stands for the folder. */
class SafetensorsFolderDamageTest {
    private static final String INDEX = "model.safetensors.index.json";

    @TempDir
    Path temporary;

    private Path folder;

    @BeforeEach
    void makeFolder() throws IOException {
        folder = Files.createDirectory(temporary.resolve("checkpoint"));
    }

    private void expect(Path path, String message) {
        var error = assertThrows(
                InvalidInputException.class, () -> Safetensors.open(path).close());
        assertEquals(message.replace("%s", folder.toString()), error.getMessage());
    }

    private void shard(String name, String... tensors) throws IOException {
        StringBuilder json = new StringBuilder("{");
        for (int i = 0; i < tensors.length; i++) {
            json.append(i == 0 ? "" : ",").append(tensor(tensors[i], "U8", "[1]", i, i + 1));
        }
        Files.write(folder.resolve(name), file(json + "}", tensors.length));
    }

    @Test
    void aPathThatDoesNotExistIsNamed() {
        expect(
                folder.resolve("none"),
                "%s/none: there is no such file; give a .safetensors file or a folder with model.safetensors");
    }

    @Test
    void anEmptyFolderIsToldWhatIsExpected() {
        expect(
                folder,
                "%s: the folder holds neither model.safetensors nor model.safetensors.index.json, only nothing;"
                        + " give the folder of the model or its .safetensors file");
    }

    @Test
    void aFolderOfOtherFilesIsListed() throws IOException {
        for (String name : new String[] {"b.txt", "a.txt"}) {
            Files.writeString(folder.resolve(name), "");
        }
        expect(
                folder,
                "%s: the folder holds neither model.safetensors nor model.safetensors.index.json, only a.txt, b.txt;"
                        + " give the folder of the model or its .safetensors file");
    }

    @ParameterizedTest
    @CsvSource({"pytorch_model.bin", "pytorch_model.bin.index.json", "pytorch_model-00001-of-00002.bin", "best.pth"})
    void aPickledCheckpointIsToldHowToConvert(String name) throws IOException {
        Files.writeString(folder.resolve(name), "");
        expect(
                folder,
                "%s: the folder holds neither model.safetensors nor model.safetensors.index.json, only " + name
                        + "; convert it in Python with safetensors.torch.save_file(state_dict, 'model.safetensors')");
    }

    @Test
    void aFolderInPlaceOfTheFileIsRefused() throws IOException {
        Files.createDirectory(folder.resolve("model.safetensors"));
        expect(
                folder,
                "%s/model.safetensors: not a regular file;"
                        + " give a .safetensors file or a folder with model.safetensors");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "[] | index has [ as the index, expected an object; the file is damaged, fetch it again",
                "{} | no tensor is listed under 'weight_map'; the index is damaged, fetch it again",
                "{\"weight_map\":{}} | no tensor is listed under 'weight_map'; the index is damaged, fetch it again",
                "{\"weight_map\":[]} | index has [ as weight_map, expected an object; the file is damaged, fetch it again",
                "{\"weight_map\":{\"x\":1}} | index has 1 as the shard of tensor 'x', expected a string; the file is damaged, fetch it again",
                "{\"weight_map\":{\"x\":\"a.safetensors\",\"x\":\"a.safetensors\"}} | index has 'x' twice in weight_map; the file is damaged, fetch it again",
                "{\"weight_map\":{\"x\":\"../a.safetensors\"}} | tensor 'x' is said to be in '../a.safetensors', expected the plain name of a .safetensors file beside the index; refusing to leave the folder",
                "{\"weight_map\":{\"x\":\"/etc/a.safetensors\"}} | tensor 'x' is said to be in '/etc/a.safetensors', expected the plain name of a .safetensors file beside the index; refusing to leave the folder",
                "{\"weight_map\":{\"x\":\"C:a.safetensors\"}} | tensor 'x' is said to be in 'C:a.safetensors', expected the plain name of a .safetensors file beside the index; refusing to leave the folder",
                "{\"weight_map\":{\"x\":\"..\\\\a.safetensors\"}} | tensor 'x' is said to be in '..\\a.safetensors', expected the plain name of a .safetensors file beside the index; refusing to leave the folder",
                "{\"weight_map\":{\"x\":\"..\"}} | tensor 'x' is said to be in '..', expected the plain name of a .safetensors file beside the index; refusing to leave the folder",
                "{\"weight_map\":{\"x\":\"\"}} | tensor 'x' is said to be in '', expected the plain name of a .safetensors file beside the index; refusing to leave the folder",
                "{\"weight_map\":{\"x\":\"a\\u0000.safetensors\"}} | tensor 'x' is said to be in 'a\\u0000.safetensors', expected the plain name of a .safetensors file beside the index; refusing to leave the folder",
                "{\"weight_map\":{\"x\":\"pytorch_model.bin\"}} | tensor 'x' is said to be in 'pytorch_model.bin', expected the plain name of a .safetensors file beside the index; refusing to leave the folder",
                "{\"weight_map\":{\"x\":\"c.safetensors\"}} | shard 'c.safetensors' of 1 is missing in %s; fetch it",
                "{\"weight_map\":{\"y\":\"a.safetensors\"}} | tensor 'y' is not in its shard %s/a.safetensors; fetch index and shards of the same version",
            })
    void aDamagedIndexIsRefusedInOneLine(String json, String message) throws IOException {
        shard("a.safetensors", "x");
        Files.writeString(folder.resolve(INDEX), json);
        expect(folder, "%s/" + INDEX + ": " + message);
    }

    @Test
    void aTensorInTwoShardsIsRefused() throws IOException {
        shard("a.safetensors", "x", "y");
        shard("b.safetensors", "y");
        Files.writeString(folder.resolve(INDEX), "{\"weight_map\":{\"x\":\"a.safetensors\",\"y\":\"b.safetensors\"}}");
        expect(folder, "%s/b.safetensors: tensor 'y' is also in %s/a.safetensors; fetch shards of one version");
    }

    @Test
    void aDamagedShardIsNamed() throws IOException {
        Files.writeString(folder.resolve("a.safetensors"), "abc");
        Files.writeString(folder.resolve(INDEX), "{\"weight_map\":{\"x\":\"a.safetensors\"}}");
        expect(
                folder,
                "%s/a.safetensors: 3 bytes are too few for a safetensors file; it was cut short, fetch it again");
    }
}

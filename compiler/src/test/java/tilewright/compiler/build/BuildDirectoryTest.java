package tilewright.compiler.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tilewright.compiler.CompileException;
import tilewright.compiler.Progress;
import tilewright.hw.program.InvalidProgramException;

/** Build directories that were changed, damaged or made up are refused. */
class BuildDirectoryTest {
    @TempDir
    static Path shared;

    private static Path sound;

    @TempDir
    Path folder;

    @BeforeAll
    static void compileTiny() {
        sound = shared.resolve("build");
        Compilation.run(Builds.options(Builds.tiny(shared.resolve("model")), sound, 8), Progress.NONE);
    }

    /** Something done to a build, and the whole message, in which {@code DIR} stands for the build. */
    record Case(String what, Damage damage, String message) {
        @Override
        public String toString() {
            return what;
        }
    }

    /** Damages the build in a folder. */
    interface Damage {
        void to(Path build) throws IOException;
    }

    private static Damage manifest(Consumer<ObjectNode> change) {
        return build -> Builds.change(build, change);
    }

    private static Damage path(String path) {
        return manifest(manifest -> ((ObjectNode) manifest.get("artefacts").get(0)).put("path", path));
    }

    private static Damage text(String text) {
        return build -> Files.writeString(build.resolve("build.json"), text);
    }

    static Stream<Case> cases() {
        String again = "; compile the model again";
        String outside = "' outside the build" + again;
        return Stream.of(
                new Case(
                        "one file changed",
                        build -> Files.writeString(build.resolve("plan.json"), "{}"),
                        "DIR: 1 file is missing or changed since the build: plan.json" + again),
                new Case(
                        "one bit changed",
                        build -> {
                            byte[] bytes = Files.readAllBytes(build.resolve("program.bin"));
                            bytes[bytes.length / 2] ^= 4;
                            Files.write(build.resolve("program.bin"), bytes);
                        },
                        "DIR: 1 file is missing or changed since the build: program.bin" + again),
                new Case(
                        "two files missing",
                        build -> {
                            Files.delete(build.resolve("images.bin"));
                            Files.delete(build.resolve("hls/src/top.cpp"));
                        },
                        "DIR: 2 files are missing or changed since the build: hls/src/top.cpp, images.bin" + again),
                new Case(
                        "more changes than need naming",
                        build -> {
                            for (String name : new String[] {"graph.txt", "images.bin", "plan.json", "program.bin"}) {
                                Files.writeString(build.resolve(name), "changed");
                            }
                        },
                        "DIR: 4 files are missing or changed since the build: graph.txt, images.bin, plan.json, ..."
                                + again),
                new Case(
                        "a folder in place of a file",
                        build -> {
                            Files.delete(build.resolve("graph.txt"));
                            Files.createDirectory(build.resolve("graph.txt"));
                        },
                        "DIR: 1 file is missing or changed since the build: graph.txt" + again),
                new Case(
                        "a path that leaves the build",
                        path("../model/config.json"),
                        "DIR/build.json: names '../model/config.json" + outside),
                new Case(
                        "a path that leaves the build on the way",
                        path("hls/../../secret"),
                        "DIR/build.json: names 'hls/../../secret" + outside),
                new Case("an absolute path", path("/etc/hostname"), "DIR/build.json: names '/etc/hostname" + outside),
                new Case(
                        "a neighbour whose name begins as the build's",
                        build -> path("../" + build.getFileName() + "2/graph.txt")
                                .to(build),
                        "DIR/build.json: names '../build2/graph.txt" + outside),
                new Case("a path that is none", path("a\u0000b"), "DIR/build.json: names 'a?b" + outside),
                new Case(
                        "no manifest",
                        build -> Files.delete(build.resolve("build.json")),
                        "DIR: is no build directory, it has no build.json; make one with tilewright compile MODEL"
                                + " --board NAME -o DIR"),
                new Case(
                        "a manifest cut short",
                        text("{\"tilewright\": \"0.1.0\",\n \"model\": "),
                        "DIR/build.json: is damaged at line 2, column 11" + again),
                new Case("a manifest of nothing", text(""), "DIR/build.json: is damaged at line 1, column 0" + again),
                new Case("a manifest of null", text("null"), "DIR/build.json: is empty" + again),
                new Case(
                        "a manifest that is a list",
                        text("[]"),
                        "DIR/build.json: is damaged at line 1, column 1" + again),
                new Case(
                        "a manifest that says nothing",
                        text("{}"),
                        "DIR/build.json: is damaged at line 1, column 2" + again));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void whatIsNotAsItWasBuiltIsRefused(Case given) throws IOException {
        Path build = Builds.copy(sound, folder.resolve("build"));
        given.damage().to(build);

        assertEquals(
                given.message().replace("DIR", build.toString()),
                assertThrows(CompileException.class, () -> BuildDirectory.open(build))
                        .getMessage());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"tilewright", "model", "modelSha256", "tasks", "images", "parameters", "artefacts", "calibration"
            })
    void aManifestWithoutOneOfItsPartsIsDamaged(String part) throws IOException {
        Path build = Builds.copy(sound, folder.resolve("build"));
        Builds.change(build, manifest -> manifest.remove(part));
        String message = assertThrows(CompileException.class, () -> BuildDirectory.open(build))
                .getMessage();

        assertEquals(
                build + "/build.json: is damaged at line 1, column ; compile the model again",
                message.replaceFirst("column \\d+", "column "));
    }

    @Test
    void aDamagedProgramWithTheRightDigestIsRefusedAsDamaged() throws IOException {
        Path build = Builds.copy(sound, folder.resolve("build"));
        byte[] bytes = Files.readAllBytes(build.resolve("program.bin"));
        Files.write(build.resolve("program.bin"), Arrays.copyOf(bytes, bytes.length / 2));
        Builds.updateDigest(build, "program.bin");

        assertEquals(
                build.resolve("program.bin") + ": damaged program: the file is too short; compile the model again",
                assertThrows(InvalidProgramException.class, () -> BuildDirectory.open(build))
                        .getMessage());
    }

    @Test
    void imagesThatDoNotFitTheirSizesAreRefused() throws IOException {
        Path build = Builds.copy(sound, folder.resolve("build"));
        Builds.change(build, manifest -> ((ObjectNode) manifest.get("images")).put("height", 7));
        BuildDirectory opened = BuildDirectory.open(build);

        assertEquals(
                build.resolve("images.bin") + ": does not fit build.json: 768 bytes are no images of 1 x 7 x 12",
                assertThrows(CompileException.class, opened::images).getMessage());
    }

    @Test
    void aBuildIsOpenedFromWhereverTheUserStands() throws IOException {
        Path here = Path.of("").toAbsolutePath();
        Path build = Builds.copy(sound, folder.resolve("build"));

        BuildDirectory.open(here.relativize(build));
        BuildDirectory.open(build.resolve("hls").resolve(".."));
        BuildDirectory.open(build.resolve("."));
    }
}

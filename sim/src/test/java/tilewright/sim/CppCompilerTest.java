package tilewright.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CppCompilerTest {
    private static final String INSTALL = "install one with 'apt-get install g++' (or 'apt-get install clang'),"
            + " or set CXX to the path of a C++17 compiler";

    @TempDir
    Path bin;

    @Test
    void gccIsTakenBeforeClang() throws IOException {
        Path gcc = program("g++", "echo 'a g++ 12'; echo Copyright");
        program("clang++", "echo 'a clang version 14'");
        assertEquals(
                new CppCompiler(List.of(gcc.toString()), "a g++ 12"), CppCompiler.find(Map.of("PATH", bin.toString())));
    }

    @Test
    void clangIsTakenWhereThereIsNoGcc() throws IOException {
        Path clang = program("clang++", "echo 'a clang version 14'");
        assertEquals(
                new CppCompiler(List.of(clang.toString()), "a clang version 14"),
                CppCompiler.find(Map.of("PATH", "/does/not/exist:" + bin)));
    }

    @Test
    void cxxIsTakenBeforeAllOthersWithItsArguments() throws IOException {
        program("clang++", "echo 'a clang version 14'");
        Path mine = program("mine", "echo \"mine $1\"");
        assertEquals(
                new CppCompiler(List.of(mine.toString(), "-stdlib=libc++"), "mine -stdlib=libc++"),
                CppCompiler.find(Map.of("PATH", bin.toString(), "CXX", "mine -stdlib=libc++")));
    }

    @Test
    void aMissingCompilerSaysWhatToInstall() {
        assertMessage(
                "C simulation needs a C++17 compiler and neither g++ nor clang++ is on the PATH; " + INSTALL,
                Map.of("PATH", bin.toString()));
    }

    @Test
    void aCxxThatIsNoProgramIsRefusedByName() {
        assertMessage(
                "CXX is 'no-such-compiler -O3', which is not a program; unset CXX, or " + INSTALL,
                Map.of("PATH", bin.toString(), "CXX", "no-such-compiler -O3"));
    }

    @Test
    void aCompilerThatPrintsNoVersionIsRefused() throws IOException {
        Path broken = program("clang++", "exit 1");
        assertMessage(
                "'%s --version' printed no version; %s".formatted(broken, INSTALL), Map.of("PATH", bin.toString()));
    }

    private static void assertMessage(String message, Map<String, String> environment) {
        SimulationException e = assertThrows(SimulationException.class, () -> CppCompiler.find(environment));
        assertEquals(message, e.getMessage());
    }

    private Path program(String name, String script) throws IOException {
        Path file = Files.writeString(bin.resolve(name), "#!/bin/sh\n" + script + "\n");
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}

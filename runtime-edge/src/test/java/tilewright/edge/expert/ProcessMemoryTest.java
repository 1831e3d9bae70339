package tilewright.edge.expert;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tilewright.edge.expert.ProcessMemory.Resident;

/** What the system says about memory follows what a process does with it. */
class ProcessMemoryTest {
    private static final int BYTES = 24 << 20;
    private static final long SLACK = 2 << 20;

    @TempDir
    private Path folder;

    @BeforeEach
    void onlyWhereTheSystemSaysSomething() {
        Assumptions.assumeTrue(Files.exists(Path.of("/proc/self/smaps")), "this system has no /proc/self/smaps");
    }

    private Path written() throws Exception {
        Path file = folder.resolve("model.bin").toAbsolutePath();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(BYTES));
            // Pages that are not yet on the disk cannot be dropped.
            channel.force(true);
        }
        return file.toRealPath();
    }

    @Test
    void pagesOfFilesOfTheControlGroupAreThoseThatTheSystemNames() throws Exception {
        assertEquals(ProcessMemory.UNKNOWN, ProcessMemory.groupCachedBytes(folder));
        Path groups = Files.createDirectories(folder.resolve("proc/self")).resolve("cgroup");
        Files.writeString(groups, "8:pids:/\n4:cpu,memory:/a/b\n0::/c\n");
        assertEquals(ProcessMemory.UNKNOWN, ProcessMemory.groupCachedBytes(folder));
        Path second = Files.createDirectories(folder.resolve("sys/fs/cgroup/c"));
        Files.writeString(second.resolve("memory.stat"), "anon 7\nfile 4096\nfile_mapped 5\n");
        assertEquals(4096, ProcessMemory.groupCachedBytes(folder));
        Path first = Files.createDirectories(folder.resolve("sys/fs/cgroup/memory/a/b"));
        Files.writeString(first.resolve("memory.stat"), "cache 8192\nrss 1\n");
        assertEquals(8192, ProcessMemory.groupCachedBytes(folder));
        Files.writeString(first.resolve("memory.stat"), "cache many\n");
        assertEquals(ProcessMemory.UNKNOWN, ProcessMemory.groupCachedBytes(folder));
    }

    @Test
    void anonymousMemoryThatIsTouchedCounts() {
        // More than the C library keeps for later; while other tests' memory is being freed, it is tried again.
        long bytes = 64L << 20;
        StringBuilder seen = new StringBuilder();
        boolean counts = false;
        for (int time = 0; time < 20 && !counts; time++) {
            Resident before = ProcessMemory.resident();
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment touched = arena.allocate(bytes).fill((byte) 1);
                Resident now = ProcessMemory.resident();
                long all = ProcessMemory.residentBytes();
                counts = now.anonymous() - before.anonymous() > bytes - 4 * SLACK
                        && Math.abs(now.total() - all) < 4 * SLACK;
                seen.append(before + ", " + now + ", " + all + " in all with " + touched.get(ValueLayout.JAVA_BYTE, 5)
                        + "; ");
            }
        }
        assertTrue(counts, seen.toString());
    }

    @Test
    void pagesOfAMappedFileCountWhenTheyAreTouched() throws Exception {
        Path file = written();
        Set<String> names = Set.of(file.toString());
        try (Arena arena = Arena.ofConfined();
                FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            MemorySegment mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, BYTES, arena);
            assertEquals(0, ProcessMemory.mappedBytes(names));
            long sum = 0;
            for (long at = 0; at < BYTES; at += 1024) {
                sum += mapped.get(ValueLayout.JAVA_BYTE, at);
            }
            assertEquals(0, sum);
            assertEquals(BYTES, ProcessMemory.mappedBytes(names));
            assertEquals(0, ProcessMemory.mappedBytes(Set.of(folder.toString())));
        }
        assertEquals(0, ProcessMemory.mappedBytes(names));
    }

    @Test
    void bothWaysOfAskingForCachedPagesAgreeAndDroppedPagesAreGone() throws Throwable {
        Path file = written();
        long looked = FileCache.looked(file);
        Assumptions.assumeTrue(looked > 0, "the temporary folder's file system caches no pages");
        assertEquals(BYTES, looked);
        assertEquals(BYTES, FileCache.bytes(file));
        try (FileCache cache = FileCache.of(file)) {
            cache.drop(0, BYTES / 2);
        }
        long left = FileCache.looked(file);
        long counted = FileCache.counted(file);
        assertTrue(counted == FileCache.UNKNOWN || counted == left, counted + " and " + left);
        assertTrue(left == BYTES || Math.abs(left - BYTES / 2) <= SLACK, "half of the file dropped, left " + left);
        assertEquals(FileCache.UNKNOWN, FileCache.bytes(folder.resolve("missing")));
    }
}

package tilewright.compiler.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tilewright.edge.probe.StorageProbe;

class DoctorTest {
    private static final Map<String, String> GOOD = Map.of(
            "proc/cpuinfo", "processor\t: 0\nmodel name\t: Some Processor\nflags\t\t: fpu avx2 avx512_vnni\n",
            "proc/meminfo",
                    "MemTotal:       16777216 kB\nMemAvailable:   12582912 kB\nSwapTotal: 2097152 kB\nSwapFree: 2097152 kB\n",
            "proc/loadavg", "0.40 0.30 0.20 1/200 4242\n",
            "proc/self/cgroup", "0::/user.slice\n",
            "sys/fs/cgroup/user.slice/memory.max", "8589934592\n",
            "sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never\n",
            "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "performance\n",
            "sys/devices/system/cpu/cpu0/thermal_throttle/package_throttle_count", "0\n");

    @TempDir
    Path root;

    private List<Finding> examine(String changed, String text) throws IOException {
        for (Map.Entry<String, String> file : GOOD.entrySet()) {
            write(file.getKey(), file.getValue());
        }
        if (changed != null) {
            write(changed, text);
        }
        Doctor doctor = new Doctor(new SystemFiles(root), 2);
        doctor.system();
        return doctor.findings();
    }

    private void write(String name, String text) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    @Test
    void aGoodMachineIsDescribedWithoutAdvice() throws IOException {
        List<Finding> findings = examine(null, null);
        assertTrue(findings.stream().noneMatch(Finding::costs), findings::toString);
        assertEquals(
                List.of(
                        "processor: Some Processor, 2 cores, avx512_vnni",
                        "memory: 12.0 GiB of 16.0 GiB available",
                        "memory limit: 8.0 GiB, page cache included",
                        "swap: 0.0 GiB used",
                        "huge pages: madvise",
                        "clock governor: performance",
                        "load: 0.4",
                        "Java: " + Runtime.version()),
                findings.stream()
                        .map(finding -> finding.topic() + ": " + finding.value())
                        .toList());
    }

    @Test
    void anArmBoardIsNamedByItsDeviceTreeAndItsDotProductsAreSeen() throws IOException {
        write("proc/device-tree/model", "NVIDIA Jetson AGX Orin Developer Kit\0");
        Finding processor = examine("proc/cpuinfo", "processor\t: 0\nFeatures\t: fp asimd asimdhp asimddp\n")
                .getFirst();
        assertEquals("NVIDIA Jetson AGX Orin Developer Kit, 2 cores, asimddp", processor.value());
        Finding older = examine("proc/cpuinfo", "processor\t: 0\nFeatures\t: fp asimd asimdhp\n")
                .getFirst();
        assertEquals("NVIDIA Jetson AGX Orin Developer Kit, 2 cores, no 8-bit dot products", older.value());
        assertTrue(older.costs());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            proc/cpuinfo | flags: fpu sse2 | processor
            proc/meminfo | MemTotal: 16777216 kB;MemAvailable: 4194304 kB | memory
            proc/meminfo | MemTotal: 9 kB;MemAvailable: 9 kB;SwapTotal: 2097152 kB;SwapFree: 1048576 kB | swap
            sys/fs/cgroup/user.slice/memory.max | 1073741824 | memory limit
            sys/kernel/mm/transparent_hugepage/enabled | always madvise [never] | huge pages
            sys/devices/system/cpu/cpu0/cpufreq/scaling_governor | powersave | clock governor
            sys/devices/system/cpu/cpu0/thermal_throttle/package_throttle_count | 17 | temperature
            proc/loadavg | 3.50 3.00 2.00 4/300 77 | load
            """)
    void whatCostsSpeedIsNamed(String file, String text, String topic) throws IOException {
        List<String> costly = examine(file, text.replace(';', '\n')).stream()
                .filter(Finding::costs)
                .map(Finding::topic)
                .toList();
        assertEquals(List.of(topic), costly);
    }

    @Test
    void aSystemWithoutSuchFilesIsNotDescribedByThem() {
        Doctor doctor = new Doctor(new SystemFiles(root), 1);
        doctor.system();
        assertEquals(
                List.of("processor", "Java"),
                doctor.findings().stream().map(Finding::topic).toList());
    }

    @Test
    void absurdContentsAreIgnored() throws IOException {
        for (String file : GOOD.keySet()) {
            write(file, "\u0000: -1 99999999999999999999999999 []\n");
        }
        Doctor doctor = new Doctor(new SystemFiles(root), 1);
        doctor.system();
        assertTrue(
                doctor.findings().stream().noneMatch(finding -> finding.topic().equals("memory")));
    }

    @Test
    void slowKernelsAndTheirReasonAreNamed() {
        Doctor doctor = new Doctor(new SystemFiles(root), 1);
        doctor.kernels("no C compiler is on the search path");
        Finding finding = doctor.findings().getFirst();
        assertEquals("Java: no C compiler is on the search path", finding.value());
        assertTrue(finding.costs());
    }

    @Test
    void storageIsMeasuredAtEachNumberOfReads() throws IOException {
        Path file = root.resolve("model");
        Files.write(file, new byte[1 << 20]);
        Doctor doctor = new Doctor(new SystemFiles(root), 1);
        try (StorageProbe probe = StorageProbe.of(file, 1 << 16)) {
            double[] speeds = doctor.storage(root, probe, new int[] {1, 3}, 0.01);
            assertEquals(2, speeds.length);
            assertTrue(speeds[0] > 0 && speeds[1] > 0);
        }
        assertTrue(doctor.findings().getFirst().value().contains("GB/s with 1 and 3 reads at a time"));
    }
}

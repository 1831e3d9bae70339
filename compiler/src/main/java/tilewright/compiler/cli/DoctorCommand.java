package tilewright.compiler.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tilewright.compiler.Progress;
import tilewright.compiler.machine.Doctor;
import tilewright.compiler.machine.Finding;
import tilewright.compiler.machine.SystemFiles;
import tilewright.edge.matrix.KernelChoice;
import tilewright.edge.probe.MemoryBandwidth;
import tilewright.edge.probe.StorageProbe;
import tilewright.model.InvalidInputException;

/** {@code tilewright doctor}: what this machine is and what about it costs speed. */
@Command(name = "doctor", description = "Measures this machine and names what costs speed.")
final class DoctorCommand implements Callable<Integer> {
    private static final int READ_BYTES = 1 << 20;
    /** The file that is written to be read, when no large one is given. */
    private static final int TRIAL_BYTES = 256 << 20;

    private static final int[] LANES = {1, 2, 4, 8};
    private static final double SECONDS_PER_LANE = 0.4;

    private final Console console;

    @Parameters(
            paramLabel = "PATH",
            arity = "0..1",
            description = "Model file, or folder on the drive to measure (default: the present folder).")
    private Path path = Path.of("");

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    DoctorCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        if (!Files.exists(path.toAbsolutePath())) {
            throw new InvalidInputException(path + ": there is no such file or folder");
        }
        int cores = Runtime.getRuntime().availableProcessors();
        Doctor doctor = new Doctor(new SystemFiles(Path.of("/")), cores);
        Progress progress = console.progress();
        doctor.system();
        progress.update("doctor", 1, 4);
        doctor.kernels(KernelChoice.nativeProblem());
        progress.update("doctor", 2, 4);
        double one = MemoryBandwidth.measure(1);
        doctor.memorySpeed(one, cores == 1 ? one : MemoryBandwidth.measure(cores));
        progress.update("doctor", 3, 4);
        double[] storage = storage(doctor);
        progress.update("doctor", 4, 4);
        if (json) {
            console.json(describe(doctor, one, storage));
        } else {
            print(doctor);
        }
        return 0;
    }

    private double[] storage(Doctor doctor) {
        Path absolute = path.toAbsolutePath();
        try {
            if (Files.isRegularFile(absolute) && Files.size(absolute) >= READ_BYTES) {
                return measure(doctor, absolute);
            }
            Path folder = Files.isDirectory(absolute) ? absolute : absolute.getParent();
            Path trial = Files.createTempFile(folder, ".tilewright-doctor-", ".tmp");
            try {
                fill(trial);
                return measure(doctor, trial);
            } finally {
                Files.delete(trial);
            }
        } catch (IOException e) {
            doctor.noStorage(absolute, InvalidInputException.reason(e));
            return new double[0];
        }
    }

    private static double[] measure(Doctor doctor, Path file) throws IOException {
        try (StorageProbe probe = StorageProbe.of(file, READ_BYTES)) {
            return doctor.storage(file.getParent(), probe, LANES, SECONDS_PER_LANE);
        }
    }

    /** Random bytes, so that no drive can compress them. */
    private static void fill(Path trial) throws IOException {
        byte[] bytes = new byte[READ_BYTES];
        SplittableRandom random = new SplittableRandom(1);
        try (FileChannel out = FileChannel.open(trial, StandardOpenOption.WRITE)) {
            for (int i = 0; i < TRIAL_BYTES / READ_BYTES; i++) {
                random.nextBytes(bytes);
                for (ByteBuffer rest = ByteBuffer.wrap(bytes); rest.hasRemaining(); ) {
                    out.write(rest);
                }
            }
            out.force(true);
        }
    }

    private void print(Doctor doctor) {
        for (Finding finding : doctor.findings()) {
            console.line("%s %-16s %s", finding.costs() ? "!" : " ", finding.topic(), finding.value());
            if (finding.costs()) {
                console.line("  %-16s -> %s", "", finding.advice());
            }
        }
        long costly = doctor.findings().stream().filter(Finding::costs).count();
        console.line("");
        console.line(costly == 0 ? "Nothing here costs speed." : costly + " of these cost speed (!).");
    }

    private ObjectNode describe(Doctor doctor, double memory, double[] storage) {
        ObjectNode answer = Console.object();
        ArrayNode list = answer.putArray("findings");
        for (Finding finding : doctor.findings()) {
            ObjectNode node = list.addObject();
            node.put("topic", finding.topic());
            node.put("value", finding.value());
            node.put("costs_speed", finding.costs());
            if (finding.costs()) {
                node.put("advice", finding.advice());
            }
        }
        answer.put("memory_bytes_per_second", memory);
        ArrayNode lanes = answer.putArray("storage");
        for (int i = 0; i < storage.length; i++) {
            lanes.addObject().put("lanes", LANES[i]).put("bytes_per_second", storage[i]);
        }
        return answer;
    }
}

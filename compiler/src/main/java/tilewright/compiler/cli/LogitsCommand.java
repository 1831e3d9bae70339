package tilewright.compiler.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tilewright.compiler.OptionException;
import tilewright.compiler.cli.language.ComputeOptions;
import tilewright.compiler.cli.language.MemoryNeed;
import tilewright.compiler.cli.language.OpenModel;
import tilewright.compiler.cli.language.TokenIds;
import tilewright.edge.language.Chunk;
import tilewright.edge.language.Logits;
import tilewright.edge.language.Sequence;
import tilewright.model.InvalidInputException;
import tilewright.model.data.Npy;

/** {@code tilewright logits}: what a language model computes for some ids. */
@Command(name = "logits", description = "Writes a language model's logits for some ids: float32 [tokens, vocabulary].")
final class LogitsCommand implements Callable<Integer> {
    /** Rows are computed so many elements at a time: a large vocabulary's do not all fit in memory. */
    private static final int MOST_ELEMENTS = 1 << 24;

    private static final int LEAST_ROWS = 32;

    private final Console console;

    @Parameters(paramLabel = "MODEL", description = "Folder with config.json and safetensors, or a .gguf file.")
    private Path path;

    @Option(names = "--ids", paramLabel = "1,2,3", required = true, description = "The tokens' ids.")
    private String idText;

    @Option(names = "--encoder-ids", paramLabel = "1,2,3", description = "Ids for the encoder of a model that has one.")
    private String encoderText;

    @Option(names = "-o", paramLabel = "FILE", required = true, description = "The .npy file to write.")
    private Path file;

    @Option(names = "--last", description = "Only the last token's: [1, vocabulary].")
    private boolean last;

    @Mixin
    private ComputeOptions compute = new ComputeOptions();

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    LogitsCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        Path folder = file.toAbsolutePath().getParent();
        if (!Files.isDirectory(folder) || Files.isDirectory(file)) {
            throw new InvalidInputException(file + ": cannot be written, as "
                    + (Files.isDirectory(file) ? "it is a folder" : folder + " is no folder"));
        }
        int[] ids = TokenIds.parseOption("--ids", idText);
        int[] encoderIds = encoderText == null ? new int[0] : TokenIds.parseOption("--encoder-ids", encoderText);
        try (OpenModel open = OpenModel.withoutTokenizer(path, compute.engine(), compute.memory(), console::note)) {
            check(open, ids, encoderIds);
            int longest = Math.max(ids.length, encoderIds.length);
            open.share(
                    compute.memory(),
                    last
                            ? MemoryNeed.text(longest, longest)
                            : MemoryNeed.logits(longest, Math.min(longest, step(open))),
                    console::note);
            compute.memory().adapt(open.experts(), console::note);
            open.warm(StateFolder.path(), console::note);
            int rows = last ? 1 : ids.length;
            int vocabulary = open.engine().vocabularySize();
            try (Sequence sequence = open.engine().encoderDecoder()
                    ? open.engine().newSequence(encoderIds)
                    : open.engine().newSequence()) {
                Npy.write(file, sink -> compute(open, sequence, ids, sink), rows, vocabulary);
            } catch (IOException e) {
                throw new InvalidInputException(
                        file + ": cannot be written (" + InvalidInputException.reason(e) + ")", e);
            }
            if (json) {
                ObjectNode answer = Console.object();
                answer.put("model", path.toString());
                answer.put("file", file.toString());
                answer.putArray("shape").add(rows).add(vocabulary);
                console.json(answer);
            } else {
                console.line("%s: float32 [%d, %d]", file, rows, vocabulary);
            }
        }
        return 0;
    }

    private void check(OpenModel open, int[] ids, int[] encoderIds) {
        int vocabulary = open.engine().vocabularySize();
        TokenIds.checkOption("--ids", ids, vocabulary);
        TokenIds.checkOption("--encoder-ids", encoderIds, vocabulary);
        if (open.engine().encoderDecoder() != (encoderText != null)) {
            throw new OptionException(path
                    + (encoderText == null
                            ? ": has an encoder; give its ids with --encoder-ids"
                            : ": has no encoder, so --encoder-ids has no place"));
        }
        if (ids.length > open.contextLimit()) {
            throw new OptionException(
                    path + ": --ids has " + ids.length + " tokens, but the context holds " + open.contextLimit());
        }
    }

    /** Rows that are computed at a time. */
    private static int step(OpenModel open) {
        int most = Math.max(LEAST_ROWS, MOST_ELEMENTS / open.engine().vocabularySize());
        return Math.min(open.engine().options().prefillTokens(), most);
    }

    private void compute(OpenModel open, Sequence sequence, int[] ids, Npy.Sink sink) throws IOException {
        int vocabulary = open.engine().vocabularySize();
        int step = last ? ids.length : step(open);
        for (int from = 0; from < ids.length; from += step) {
            int[] chunk = Arrays.copyOfRange(ids, from, Math.min(ids.length, from + step));
            Logits logits = open.engine().step(last ? Chunk.last(sequence, chunk) : Chunk.all(sequence, chunk));
            sink.write(logits.data(), 0, logits.rows() * vocabulary);
        }
    }
}

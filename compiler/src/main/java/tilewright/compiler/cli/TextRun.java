package tilewright.compiler.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import tilewright.compiler.cli.language.Answer;
import tilewright.compiler.cli.language.Conversation;
import tilewright.compiler.cli.language.GenerationOptions;
import tilewright.compiler.cli.language.OpenModel;
import tilewright.compiler.cli.language.StreamingMeter;
import tilewright.compiler.cli.language.StreamingRecorder;
import tilewright.compiler.cli.language.StreamingText;
import tilewright.edge.expert.StorageRate;
import tilewright.edge.expert.StreamingReport;

/** {@code tilewright run} with a language model: texts stream to standard output, figures to standard error. */
final class TextRun {
    private final Console console;
    private final Path path;
    private final GenerationOptions options;
    private final boolean json;
    private StreamingRecorder recorder;
    private StorageRate storage = StorageRate.UNKNOWN;
    private StreamingMeter meter;

    TextRun(Console console, Path path, GenerationOptions options, boolean json) {
        this.console = console;
        this.path = path;
        this.options = options;
        this.json = json;
    }

    /** Answers one text. */
    int prompt(String text) {
        try (OpenModel open = open(text);
                Conversation conversation = new Conversation(open, options, false, recorder)) {
            if (conversation.hasTemplate()) {
                console.note("the prompt is a message in the model's chat template; --raw continues it as it is");
            }
            answer(open, conversation, text);
            report(open);
        }
        return 0;
    }

    /** Answers each line of standard input, until it ends. */
    int chat() {
        try (OpenModel open = open(null);
                Conversation conversation = new Conversation(open, options, true, recorder)) {
            if (!conversation.hasTemplate() && !options.isRaw()) {
                console.note("the model has no chat template: your lines and its answers are one text that goes on");
            }
            for (String line = console.readLine("> "); line != null; line = console.readLine("> ")) {
                if (!line.isBlank() && answer(open, conversation, line)) {
                    break;
                }
            }
            report(open);
        }
        return 0;
    }

    /** Opens the model for one text, or for a conversation where it is null. */
    private OpenModel open(String text) {
        OpenModel open = OpenModel.withTokenizer(
                path, options.engine(), options.anyActivations(), options.memory(), console::note);
        try {
            if (options.memory().isGiven()) {
                open.share(options.memory(), Conversation.need(open, options, text), console::note);
            }
            open.warm(StateFolder.path(), console::note);
            options.memory().adapt(open.experts(), console::note);
            recorder = options.report().recorder(open);
            open.model().warnings().forEach(warning -> console.note("warning: " + warning));
            return open;
        } catch (RuntimeException | Error e) {
            open.close();
            throw e;
        }
    }

    /** One for all answers, so that storage is measured once. */
    private StreamingMeter meter(Conversation conversation) {
        if (meter != null) {
            meter.begin();
        } else if (conversation.experts() != null) {
            meter = new StreamingMeter(conversation.experts());
        }
        return meter;
    }

    private void report(OpenModel open) {
        if (recorder != null) {
            options.report().write(recorder, open, options.memory(), storage, console::note);
        }
    }

    /** Prints one answer; says whether the user interrupted it. */
    private boolean answer(OpenModel open, Conversation conversation, String text) {
        try (Interruption interruption = new Interruption()) {
            StreamingMeter meter = meter(conversation);
            Answer answer = conversation.answer(text, (_, piece) -> {
                if (!json) {
                    console.text(piece);
                }
                return !interruption.asked();
            });
            StreamingReport streaming = meter == null
                    ? null
                    : meter.besideStorage(meter.end(
                            answer.readTokens()
                                    + Math.max(0, answer.generation().ids().length - 1L),
                            answer.prefillSeconds() + answer.decodeSeconds()));
            if (json) {
                ObjectNode node = Console.object();
                node.put("model", path.toString());
                node.put("prompt", text);
                answer.describe(node);
                if (streaming != null) {
                    StreamingText.describe(node.putObject("streaming"), streaming);
                    StreamingText.describe(
                            node.putObject("memory"), open.watch().course());
                }
                console.json(node);
            } else {
                console.text(answer.generation().text().endsWith("\n") ? "" : System.lineSeparator());
            }
            console.note(answer.statistics());
            if (streaming != null) {
                StreamingText.lines(streaming, options.memory().adapts()).forEach(console::note);
                StreamingText.lines(open.watch().course()).forEach(console::note);
                storage = storage.best(streaming.storage());
            }
            return interruption.asked();
        }
    }
}

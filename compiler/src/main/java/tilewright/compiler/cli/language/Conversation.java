package tilewright.compiler.cli.language;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import tilewright.compiler.OptionException;
import tilewright.edge.expert.StreamedExperts;
import tilewright.edge.language.GenerationRequest;
import tilewright.edge.language.GenerationRequest.Listener;
import tilewright.edge.language.Generator;
import tilewright.edge.language.Sequence;
import tilewright.model.InvalidInputException;
import tilewright.model.chat.ChatTemplate;
import tilewright.model.chat.Message;
import tilewright.model.tokenizer.ChatTemplates;

/**
 * Texts that follow each other: a conversation in the words of the model's chat template, or, without one, a text that user
 * and model continue in turns.
 *
 * <p>What the cache holds of the past is not read again.
 */
public final class Conversation implements AutoCloseable {
    private final OpenModel open;
    private final GenerationOptions options;
    private final boolean chat;
    private final StreamingRecorder recorder;
    private final ChatTemplate template;
    private final List<Message> messages = new ArrayList<>();
    private final Generator generator;
    private Sequence sequence;
    /** The ids so far: those the sequence has seen, and perhaps one more. */
    private int[] past = new int[0];

    /**
     * Begins a conversation.
     *
     * @param chat whether several texts follow each other, which decides how long answers are by default
     * @param recorder keeps the answers' course; null for none
     * @throws InvalidInputException when there is a system message and nothing to put it in, or several texts are to follow
     *     each other and the model has an encoder
     */
    public Conversation(OpenModel open, GenerationOptions options, boolean chat, StreamingRecorder recorder) {
        this.open = open;
        this.options = options;
        this.chat = chat;
        this.recorder = recorder;
        this.generator = new Generator(open.engine());
        this.template = options.isRaw() ? null : template(open);
        if (open.engine().encoderDecoder() && chat) {
            throw new OptionException(
                    open.model().path() + ": has an encoder, which reads one text; give it with --prompt");
        }
        if (options.system() != null) {
            if (template == null) {
                throw new OptionException(open.model().path()
                        + ": has no chat template, so there is no place for --system; write it into the text");
            }
            messages.add(new Message("system", options.system()));
        }
    }

    /**
     * What one text and its answer need of memory, or a conversation.
     *
     * @param text null for a conversation
     */
    public static MemoryNeed need(OpenModel open, GenerationOptions options, String text) {
        int limit = open.contextLimit();
        if (text == null) {
            return options.limitsContext() ? MemoryNeed.text(limit, limit) : MemoryNeed.conversation(limit);
        }
        ChatTemplate template = options.isRaw() || open.engine().encoderDecoder() ? null : template(open);
        List<Message> messages = new ArrayList<>();
        if (options.system() != null) {
            messages.add(new Message("system", options.system()));
        }
        messages.add(new Message("user", text));
        int prompt = template == null
                ? open.tokenizer().encode(text, true).length
                : open.tokenizer().encode(template.render(messages, true, Map.of()), false).length;
        return MemoryNeed.text((int) Math.min(limit, (long) prompt + options.tokens(false)), prompt);
    }

    /** The model's experts that are read on demand; null when all stay in memory. */
    public StreamedExperts experts() {
        return open.experts();
    }

    private static ChatTemplate template(OpenModel open) {
        return ChatTemplates.load(open.model().path(), false).orElse(null);
    }

    /** Whether texts become messages of a chat template. */
    public boolean hasTemplate() {
        return template != null;
    }

    /**
     * The model's answer to a text.
     *
     * @throws InvalidInputException when the text has no tokens, or the context cannot hold it
     */
    public Answer answer(String text, Listener listener) {
        if (open.engine().encoderDecoder()) {
            return translate(text, listener);
        }
        int[] prompt = prompt(text);
        if (prompt.length == 0) {
            throw new OptionException(
                    open.model().path() + ": the prompt has no tokens, expected at least one character");
        }
        TokenIds.check("the prompt", prompt, open.engine().vocabularySize());
        open.requireRoom(chat ? "the conversation" : "the prompt", prompt.length);
        rewind(prompt);
        Answer answer = Answer.of(generator, request(prompt, new int[0], listener), sequence, recorder);
        int[] ids = answer.generation().ids();
        past = Arrays.copyOf(prompt, prompt.length + ids.length);
        System.arraycopy(ids, 0, past, prompt.length, ids.length);
        messages.add(new Message("assistant", answer.generation().text()));
        return answer;
    }

    /** One text for the encoder; the decoder begins with its start token. */
    private Answer translate(String text, Listener listener) {
        int[] source = open.tokenizer().encode(text, true);
        if (source.length == 0) {
            throw new OptionException(
                    open.model().path() + ": the prompt has no tokens, expected at least one character");
        }
        TokenIds.check("the prompt", source, open.engine().vocabularySize());
        open.requireRoom("the prompt", source.length);
        int start = open.model()
                .decoderStartToken()
                .orElseThrow(() -> new InvalidInputException(open.model().path()
                        + ": config.json names no decoder_start_token_id, which an encoder-decoder needs"));
        return Answer.of(generator, request(new int[] {start}, source, listener), null, recorder);
    }

    private GenerationRequest request(int[] prompt, int[] encoder, Listener listener) {
        return new GenerationRequest(
                prompt,
                encoder,
                options.tokens(chat),
                options.sampling().sampling(),
                open.endIds(),
                options.sampling().stops(),
                open.tokenizer(),
                listener);
    }

    private int[] prompt(String text) {
        if (template != null) {
            messages.add(new Message("user", text));
            return open.tokenizer().encode(template.render(messages, true, Map.of()), false);
        }
        if (past.length == 0) {
            return open.tokenizer().encode(text, true);
        }
        int[] more = open.tokenizer().encode("\n" + text, false);
        int[] all = Arrays.copyOf(past, past.length + more.length);
        System.arraycopy(more, 0, all, past.length, more.length);
        return all;
    }

    /** Makes the sequence one that has seen a part of the prompt, as long as can be, but not all. */
    private void rewind(int[] prompt) {
        if (sequence != null) {
            int common = Arrays.mismatch(past, prompt);
            int kept = Math.min(common < 0 ? prompt.length : common, Math.min(sequence.position(), prompt.length - 1));
            try {
                sequence.truncate(kept);
                return;
            } catch (IllegalStateException e) {
                // A recurrent state or a sliding window cannot go back: the whole text is read again.
                sequence.close();
            }
        }
        sequence = open.engine().newSequence();
    }

    /** Gives the cache back. */
    @Override
    public void close() {
        if (sequence != null) {
            sequence.close();
        }
    }
}

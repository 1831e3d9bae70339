package tilewright.compiler.cli.language;

import java.nio.file.Path;
import java.util.List;
import tilewright.model.chat.Message;

/** How a model wants a conversation written. */
interface PromptTemplate {
    /** The conversation as text, up to where the assistant's answer begins. */
    String render(List<Message> messages);

    /** The template of a model folder or GGUF file; null where it has none. */
    static PromptTemplate of(Path model) {
        return null;
    }
}

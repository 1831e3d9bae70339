package tilewright.model.chat;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One message of a conversation.
 *
 * @param role who speaks: usually {@code system}, {@code user}, {@code assistant} or {@code tool}
 * @param content what is said; null if there is nothing but what {@code more} holds
 * @param more further fields that a template may read, such as {@code tool_calls} or {@code reasoning_content}: strings,
 *     numbers, booleans, null, lists and maps of those
 */
public record Message(String role, String content, Map<String, Object> more) {
    /** Copies the further fields. */
    public Message {
        more = Collections.unmodifiableMap(new LinkedHashMap<>(more));
    }

    /** A message of text only. */
    public Message(String role, String content) {
        this(role, content, Map.of());
    }
}

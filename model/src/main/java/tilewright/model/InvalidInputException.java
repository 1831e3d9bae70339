package tilewright.model;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/**
 * Says in one line what is wrong with something the user gave: the thing, the place, the value and the way out.
 *
 * <p>Readers throw this, and nothing else, for whatever a file may contain. The command line prints the message and
 * exits with status 1. Control characters in the message (they come from names inside damaged files) are escaped, so
 * that it stays on one line.
 */
public final class InvalidInputException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final int MAX_QUOTED_CHARACTERS = 100;

    /** Makes an exception with a message for the user. */
    public InvalidInputException(String message) {
        super(onOneLine(message));
    }

    /** Makes an exception with a message for the user and the failure underneath, which is not printed. */
    public InvalidInputException(String message, Throwable cause) {
        super(onOneLine(message), cause);
    }

    /**
     * Text from a file in single quotes, for use in a message; at most 100 characters of it are kept.
     *
     * @param text a name or value as read, of any length
     */
    public static String quoted(String text) {
        if (text.length() <= MAX_QUOTED_CHARACTERS) {
            return "'" + text + "'";
        }
        return "'" + text.substring(0, MAX_QUOTED_CHARACTERS) + "...' (" + text.length() + " characters)";
    }

    /**
     * Why a file could not be read or written, in words: {@code No space left on device}, without the file's name and the
     * exception's.
     *
     * @param e what the system said
     */
    public static String reason(IOException e) {
        return switch (e) {
            case NoSuchFileException _ -> "there is no such file or folder";
            case AccessDeniedException _ -> "permission denied";
            case FileAlreadyExistsException _ -> "exists already";
            case NotDirectoryException _ -> "not a folder";
            case FileSystemException file when file.getReason() != null -> file.getReason();
            default -> e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        };
    }

    private static String onOneLine(String message) {
        if (message.chars().noneMatch(InvalidInputException::isUnprintable)) {
            return message;
        }
        StringBuilder line = new StringBuilder(message.length() + 16);
        message.chars().forEach(c -> {
            if (isUnprintable(c)) {
                line.append(String.format("\\u%04x", c));
            } else {
                line.append((char) c);
            }
        });
        return line.toString();
    }

    /** Control characters, line and paragraph separators; surrogates are left alone. */
    private static boolean isUnprintable(int c) {
        return Character.isISOControl(c) || c == 0x2028 || c == 0x2029;
    }
}

package tilewright.hw.lang;

import java.security.CodeSource;
import java.util.Objects;
import tilewright.hw.lang.design.SourceLocation;

/** Finds the line of the author's code that is being run. */
final class Author {
    private static final StackWalker WALKER = StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);
    private static final SourceLocation UNKNOWN = new SourceLocation("unknown", 0);

    /** Which classes are the language itself, as against designs (also those of this package's tests). */
    private static final ClassValue<Boolean> LANGUAGE = new ClassValue<>() {
        @Override
        protected Boolean computeValue(Class<?> type) {
            return type.getPackageName().startsWith("tilewright.hw.lang")
                    && Objects.equals(source(type), source(Author.class));
        }
    };

    private Author() {}

    private static Object source(Class<?> type) {
        CodeSource source = type.getProtectionDomain().getCodeSource();
        return source == null ? null : source.getLocation();
    }

    /** The innermost line that is not of the language. */
    static SourceLocation here() {
        return WALKER.walk(frames -> frames.filter(frame -> !isLanguage(frame.getDeclaringClass()))
                .findFirst()
                .map(frame -> new SourceLocation(String.valueOf(frame.getFileName()), frame.getLineNumber()))
                .orElse(UNKNOWN));
    }

    /** The innermost line that is not of the language and not of the constructors of this class. */
    static SourceLocation maker(Class<?> made) {
        return WALKER.walk(frames -> frames.filter(frame -> !isLanguage(frame.getDeclaringClass()))
                .dropWhile(frame -> frame.getMethodName().equals("<init>")
                        && frame.getDeclaringClass().isAssignableFrom(made))
                .findFirst()
                .map(frame -> new SourceLocation(String.valueOf(frame.getFileName()), frame.getLineNumber()))
                .orElse(UNKNOWN));
    }

    private static boolean isLanguage(Class<?> type) {
        return LANGUAGE.get(type) || type.getPackageName().startsWith("java.");
    }
}

package tilewright.hw.lang.mustfail;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;

/**
 * The message with which a design fails; {@code HERE} stands for the place of the line that ends in {@code // here} (or
 * {@code // here: Name}), {@code BEFORE} for that of {@code // before}.
 */
@Retention(RetentionPolicy.RUNTIME)
@interface Fails {
    /** The whole message. */
    String value();
}

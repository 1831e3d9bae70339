package tilewright.compiler.cli.language;

import tilewright.compiler.OptionException;

/** A budget of memory is too small; the message names it, the smallest that works, and what that is made of. */
public final class BudgetException extends OptionException {
    private static final long serialVersionUID = 1;

    /** Makes an exception with a message for the user. */
    public BudgetException(String message) {
        super(message);
    }
}

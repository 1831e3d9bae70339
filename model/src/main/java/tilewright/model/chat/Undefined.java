package tilewright.model.chat;

/**
 * What a name or a member that does not exist stands for: empty where it is printed, false in a condition, and an error
 * where anything else is done with it.
 *
 * @param what the name, for messages
 */
record Undefined(String what) {
    TemplateException failure() {
        return new TemplateException(what + " is undefined");
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Undefined;
    }

    @Override
    public int hashCode() {
        return 0;
    }
}

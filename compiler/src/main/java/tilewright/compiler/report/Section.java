package tilewright.compiler.report;

/**
 * One part of the page.
 *
 * @param id target of the page's navigation
 * @param title its heading, plain text
 * @param lead what the reader should take away, plain text
 * @param body its markup
 */
record Section(String id, String title, String lead, Markup body) {
    /** What stands in the place of a value that {@code verify} would measure. */
    static final String NOT_VERIFIED = "not measured: run tilewright verify DIR";

    /** A section without its data. */
    static Section missing(String id, String title, String why) {
        return new Section(id, title, "", new Markup().element("p", why, "class", "missing"));
    }

    /** One coloured square with its meaning, for legends. */
    static Markup key(Markup to, String colour, String meaning) {
        return to.open("span", "class", "key")
                .element("i", "", "class", colour)
                .text(meaning)
                .close();
    }
}

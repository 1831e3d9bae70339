package tilewright.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class InvalidInputExceptionTest {
    @Test
    void aMessageStaysOnOneLineWhateverNamesItQuotes() {
        assertEquals(
                "name 'a\\u000ab\\u001b[2J\\u2028' ü is bad",
                new InvalidInputException("name 'a\nb\33[2J\u2028' ü is bad").getMessage());
    }

    @Test
    void longTextIsQuotedInPart() {
        assertEquals("'abc'", InvalidInputException.quoted("abc"));
        assertEquals("'" + "x".repeat(100) + "...' (5000 characters)", InvalidInputException.quoted("x".repeat(5000)));
    }
}

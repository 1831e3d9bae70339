package tilewright.compiler.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Numbers as people read them; {@code _} stands for the space that does not break, {@code '} for the narrow one. */
class NumberTextTest {
    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "0, 0",
                "-7, -7",
                "9999, 9999",
                "10000, 10'000",
                "-1234567, -1'234'567",
                "9223372036854775807, 9'223'372'036'854'775'807",
                "-9223372036854775808, -9'223'372'036'854'775'808"
            })
    void exactKeepsEveryDigit(long value, String text) {
        assertEquals(text, plain(NumberText.exact(value)));
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "755.9, 755.9",
        "9999, 9999",
        "10000, 10_k",
        "281137, 281_k",
        "999499, 999_k",
        "999999, 1_M",
        "5830000, 5.83_M",
        "1e9, 1_G",
        "-12345, -12.3_k",
        "NaN, not a number"
    })
    void compactHasThreeDigits(double value, String text) {
        assertEquals(text, plain(NumberText.compact(value)));
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0_B",
        "1023, 1023_B",
        "1024, 1_KiB",
        "1536, 1.5_KiB",
        "1048576, 1_MiB",
        "1048575, 1_MiB",
        "8589934592, 8_GiB"
    })
    void bytesCountInPowersOf1024(long value, String text) {
        assertEquals(text, plain(NumberText.bytes(value)));
    }

    @ParameterizedTest
    @CsvSource({"0, 0_ms", "0.0125, 12.5_\u00B5s", "1.323, 1.323_ms", "999.9, 999.9_ms", "1500, 1.5_s"})
    void timesChooseTheirUnit(double value, String text) {
        assertEquals(text, plain(NumberText.time(value)));
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0_%",
        "1, 100_%",
        "0.9766, 97.66_%",
        "0.5, 50_%",
        "0.00001, < 0.01_%",
        "0.999999, > 99.99_%",
        "2.5, 250_%",
        "Infinity, infinite"
    })
    void onlyNothingIsZeroPercentAndOnlyAllIsHundred(double value, String text) {
        assertEquals(text, plain(NumberText.percent(value)));
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "-0.0, 0",
        "0.001234, 0.00123",
        "0.000123456, 1.23e-4",
        "123456, 123000",
        "1.5e12, 1.5e12",
        "9.999e-5, 1e-4",
        "NaN, not a number",
        "-Infinity, -infinite"
    })
    void smallNumbersKeepTheirDigits(double value, String text) {
        assertEquals(text, NumberText.significant(value, 3));
    }

    @Test
    void coordinatesHaveThreeDecimalsAtMost() {
        assertEquals("33.333", NumberText.coordinate(100 / 3.0));
        assertEquals("50", NumberText.coordinate(50));
        assertEquals("-0.5", NumberText.coordinate(-0.5));
    }

    private static String plain(String text) {
        return text.replace('\u00A0', '_').replace('\u202F', '\'');
    }
}

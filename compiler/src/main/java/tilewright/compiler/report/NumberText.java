package tilewright.compiler.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/** Numbers as people read them: grouped or with a unit that suits their size; the same in every locale. */
final class NumberText {
    /** Between groups of three digits: narrow, no line break. */
    private static final char GROUP = '\u202F';

    /** Between a number and its unit: no line break. */
    private static final char SPACE = '\u00A0';

    private NumberText() {}

    /** All digits, grouped by three from 10 000 on. */
    static String exact(long value) {
        String digits = Long.toString(value);
        int sign = value < 0 ? 1 : 0;
        if (digits.length() - sign <= 4) {
            return digits;
        }
        StringBuilder grouped = new StringBuilder(digits);
        for (int i = digits.length() - 3; i > sign; i -= 3) {
            grouped.insert(i, GROUP);
        }
        return grouped.toString();
    }

    /** Exact below 10 000, else three digits and k, M, G or T. */
    static String compact(double value) {
        if (Math.abs(value) < 9999.5 || !Double.isFinite(value)) {
            return significant(value, 4);
        }
        return scaled(value, 1000, "k", "M", "G", "T", "P");
    }

    /** Three digits and B, KiB, MiB, GiB or TiB. */
    static String bytes(long bytes) {
        return Math.abs(bytes) < 1024
                ? exact(bytes) + SPACE + "B"
                : scaled(bytes, 1024, "KiB", "MiB", "GiB", "TiB", "PiB", "EiB");
    }

    /** Milliseconds as microseconds, milliseconds or seconds. */
    static String time(double milliseconds) {
        double size = Math.abs(milliseconds);
        if (size >= 1000) {
            return significant(milliseconds / 1000, 4) + SPACE + "s";
        }
        if (size < 1 && size > 0) {
            return significant(milliseconds * 1000, 4) + SPACE + "\u00B5s";
        }
        return significant(milliseconds, 4) + SPACE + "ms";
    }

    /** A fraction as percent with two decimals at most; only what is 0 or 1 reads as 0 or 100. */
    static String percent(double fraction) {
        if (!Double.isFinite(fraction)) {
            return significant(fraction, 3);
        }
        if (fraction > 0 && fraction < 0.00005) {
            return "< 0.01" + SPACE + "%";
        }
        if (fraction < 1 && fraction >= 0.99995) {
            return "> 99.99" + SPACE + "%";
        }
        return plain(BigDecimal.valueOf(fraction).movePointRight(2).setScale(2, RoundingMode.HALF_EVEN)) + SPACE + "%";
    }

    /** Decibels with one decimal. */
    static String decibels(double value) {
        return Double.isFinite(value)
                ? plain(BigDecimal.valueOf(value).setScale(1, RoundingMode.HALF_EVEN)) + SPACE + "dB"
                : significant(value, 3);
    }

    /** At most that many significant digits; as {@code 1.2e-5} where zeros would hide them. */
    static String significant(double value, int digits) {
        if (Double.isNaN(value)) {
            return "not a number";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "infinite" : "-infinite";
        }
        if (value == 0) {
            return "0";
        }
        BigDecimal rounded = BigDecimal.valueOf(value).round(new MathContext(digits, RoundingMode.HALF_EVEN));
        int exponent = rounded.precision() - rounded.scale() - 1;
        if (exponent >= -3 && exponent < 9) {
            return plain(rounded);
        }
        return plain(rounded.movePointLeft(exponent)) + "e" + exponent;
    }

    /** A coordinate or length, with three decimals at most. */
    static String coordinate(double value) {
        long thousandths = Math.round(value * 1000);
        return thousandths % 1000 == 0 ? Long.toString(thousandths / 1000) : plain(BigDecimal.valueOf(thousandths, 3));
    }

    private static String scaled(double value, double step, String... units) {
        int unit = -1;
        double rest = value;
        while (Math.abs(rest) >= step - 0.5 && unit + 1 < units.length) {
            rest /= step;
            unit++;
        }
        return significant(rest, Math.abs(rest) >= 1000 ? 4 : 3) + SPACE + units[unit];
    }

    private static String plain(BigDecimal value) {
        return value.signum() == 0 ? "0" : value.stripTrailingZeros().toPlainString();
    }
}

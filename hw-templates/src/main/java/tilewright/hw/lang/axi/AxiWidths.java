package tilewright.hw.lang.axi;

/** Holds data widths to those that the standard has. */
final class AxiWidths {
    private AxiWidths() {}

    static void check(int dataBits, int least, int most) {
        if (dataBits < least || dataBits > most || Integer.bitCount(dataBits) != 1) {
            throw new IllegalArgumentException(
                    "AXI data of " + dataBits + " bits; the standard has powers of two from " + least + " to " + most);
        }
    }
}

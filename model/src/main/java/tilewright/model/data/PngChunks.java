package tilewright.model.data;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import tilewright.model.InvalidInputException;

/**
 * Checks a PNG file chunk by chunk (PNG specification, third edition, sections 5 and 11) before a decoder sees it.
 *
 * <p>Lengths, checksums, the header's values and the size of the unpacked pixels are checked; only what is needed for
 * the pixels (header, palette, transparency, data) is handed on, so that colour profiles and texts are never unpacked.
 *
 * @param header what the first chunk says
 * @param colours entries of the palette, 0 if there is none
 * @param essential a PNG file of the chunks that the pixels need
 */
record PngChunks(Header header, int colours, byte[] essential) {
    static final int HEADER_BYTES = 33;

    /** The colour type of images whose samples are indices into a palette. */
    static final int PALETTE = 3;

    private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    private static final int MAX_SIDE = 1 << 14;
    private static final int MAX_PIXELS = 1 << 26;
    private static final int SCRATCH_BYTES = 1 << 15;

    /**
     * The image header.
     *
     * @param colourType 0 grey, 2 RGB, 3 palette, 4 grey with alpha, 6 RGB with alpha
     * @param depth bits per sample, 1 to 8
     */
    record Header(int width, int height, int colourType, int depth, boolean interlaced) {
        /** Channels of the image set: 1 for grey, 3 for colour and palettes. */
        int channels() {
            return colourType == 0 || colourType == 4 ? 1 : 3;
        }

        private int samples() {
            return switch (colourType) {
                case 2 -> 3;
                case 4 -> 2;
                case 6 -> 4;
                default -> 1;
            };
        }

        /** Bytes of the unpacked, still filtered rows; of all seven passes if interlaced. */
        long filteredBytes() {
            if (!interlaced) {
                return passBytes(width, height);
            }
            int[][] passes = {
                {0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}
            };
            long bytes = 0;
            for (int[] pass : passes) {
                int columns = Math.ceilDiv(Math.max(0, width - pass[0]), pass[2]);
                int rows = Math.ceilDiv(Math.max(0, height - pass[1]), pass[3]);
                bytes += columns == 0 ? 0 : passBytes(columns, rows);
            }
            return bytes;
        }

        private long passBytes(int columns, int rows) {
            return rows * (1 + Math.ceilDiv((long) columns * depth * samples(), 8));
        }
    }

    /** Reads the header at the start of a file, of which {@code start} is at least the beginning. */
    static Header header(String place, byte[] start) {
        if (start.length < HEADER_BYTES) {
            throw new InvalidInputException(place + ": ends within its header; the file was cut short, fetch it again");
        }
        ByteBuffer in = ByteBuffer.wrap(start);
        byte[] signature = new byte[SIGNATURE.length];
        in.get(signature);
        if (!Arrays.equals(signature, SIGNATURE)) {
            throw new InvalidInputException(place + ": not a PNG file; " + ImageSets.SUPPORTED);
        }
        if (in.getInt() != 13 || !type(in).equals("IHDR")) {
            throw damaged(place, "does not begin with its header");
        }
        int width = in.getInt();
        int height = in.getInt();
        int depth = in.get();
        int colourType = in.get();
        int compression = in.get();
        int filter = in.get();
        int interlace = in.get();
        if (width < 1 || height < 1 || width > MAX_SIDE || height > MAX_SIDE) {
            throw new InvalidInputException(place + ": " + Integer.toUnsignedString(width) + " x "
                    + Integer.toUnsignedString(height) + " pixels, expected 1 to " + MAX_SIDE
                    + " each way; resize the image to the model's size");
        }
        if (width * height > MAX_PIXELS) {
            throw new InvalidInputException(place + ": " + width + " x " + height + " pixels, expected at most "
                    + MAX_PIXELS + " in all; resize the image to the model's size");
        }
        boolean valid = switch (colourType) {
            case 0 -> depth == 1 || depth == 2 || depth == 4 || depth == 8 || depth == 16;
            case 2, 4, 6 -> depth == 8 || depth == 16;
            case 3 -> depth == 1 || depth == 2 || depth == 4 || depth == 8;
            default -> false;
        };
        if (!valid || compression != 0 || filter != 0 || interlace < 0 || interlace > 1) {
            throw damaged(
                    place,
                    "header has colour type " + colourType + ", depth " + depth + ", compression " + compression
                            + ", filter " + filter + ", interlace " + interlace);
        }
        if (depth == 16) {
            throw new InvalidInputException(place + ": 16 bits per sample; save it with 8 bits per sample");
        }
        return new Header(width, height, colourType, depth, interlace == 1);
    }

    /** Checks a whole file. */
    static PngChunks read(String place, byte[] file) {
        Header header = header(place, file);
        ByteBuffer in = ByteBuffer.wrap(file).position(SIGNATURE.length);
        ByteArrayOutputStream essential = new ByteArrayOutputStream(file.length);
        essential.writeBytes(SIGNATURE);
        ByteArrayOutputStream packed = new ByteArrayOutputStream(file.length);
        int colours = 0;
        String type;
        do {
            int at = in.position();
            int length = in.remaining() < 12 ? -1 : in.getInt();
            if (length < 0 || length > in.remaining() - 8) {
                throw damaged(place, "was cut short or damaged at byte " + at);
            }
            CRC32 checksum = new CRC32();
            checksum.update(file, at + 4, 4 + length);
            type = type(in);
            in.position(at + 8 + length);
            if (in.getInt() != (int) checksum.getValue()) {
                throw damaged(
                        place,
                        "chunk " + InvalidInputException.quoted(type) + " at byte " + at + " has a wrong checksum");
            }
            boolean again = (type.equals("IHDR") && at > SIGNATURE.length) || (type.equals("PLTE") && colours > 0);
            if (again) {
                throw damaged(place, "has a second chunk " + InvalidInputException.quoted(type) + " at byte " + at);
            }
            switch (type) {
                case "IDAT" -> {
                    packed.write(file, at + 8, length);
                    essential.write(file, at, 12 + length);
                }
                case "PLTE" -> {
                    colours = length / 3;
                    essential.write(file, at, 12 + length);
                }
                case "IHDR", "tRNS", "IEND" -> essential.write(file, at, 12 + length);
                default -> {
                    if (Character.isUpperCase(type.charAt(0))) {
                        throw damaged(place, "has the unknown chunk " + InvalidInputException.quoted(type));
                    }
                }
            }
        } while (!type.equals("IEND"));
        checkPixels(place, packed.toByteArray(), header.filteredBytes());
        return new PngChunks(header, colours, essential.toByteArray());
    }

    /** Checks, in constant memory, that the data unpack to all of the rows. */
    private static void checkPixels(String place, byte[] packed, long expected) {
        Inflater inflater = new Inflater();
        try {
            inflater.setInput(packed);
            byte[] scratch = new byte[SCRATCH_BYTES];
            long unpacked = 0;
            int step;
            do {
                step = inflater.inflate(scratch);
                unpacked += step;
            } while (step > 0 && unpacked <= expected);
            if (unpacked != expected || !inflater.finished()) {
                throw damaged(
                        place,
                        "holds " + (unpacked > expected ? "more than " + expected : unpacked)
                                + " bytes of pixels, expected " + expected);
            }
        } catch (DataFormatException e) {
            throw damaged(place, "pixels cannot be unpacked (" + e.getMessage() + ")");
        } finally {
            inflater.end();
        }
    }

    private static String type(ByteBuffer in) {
        byte[] type = new byte[4];
        in.get(type);
        return new String(type, StandardCharsets.ISO_8859_1);
    }

    private static InvalidInputException damaged(String place, String problem) {
        return new InvalidInputException(place + ": " + problem + "; the image is damaged, save it again");
    }
}

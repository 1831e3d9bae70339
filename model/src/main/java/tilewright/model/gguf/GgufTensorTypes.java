package tilewright.model.gguf;

import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tilewright.model.tensor.DType;

/** The numbers of tensor types in GGUF files. */
final class GgufTensorTypes {
    private static final Map<Integer, DType> TYPES = Map.ofEntries(
            Map.entry(0, DType.F32),
            Map.entry(1, DType.F16),
            Map.entry(2, DType.Q4_0),
            Map.entry(3, DType.Q4_1),
            Map.entry(6, DType.Q5_0),
            Map.entry(7, DType.Q5_1),
            Map.entry(8, DType.Q8_0),
            Map.entry(10, DType.Q2_K),
            Map.entry(11, DType.Q3_K),
            Map.entry(12, DType.Q4_K),
            Map.entry(13, DType.Q5_K),
            Map.entry(14, DType.Q6_K),
            Map.entry(20, DType.IQ4_NL),
            Map.entry(23, DType.IQ4_XS),
            Map.entry(24, DType.I8),
            Map.entry(25, DType.I16),
            Map.entry(26, DType.I32),
            Map.entry(27, DType.I64),
            Map.entry(28, DType.F64),
            Map.entry(30, DType.BF16),
            Map.entry(39, DType.MXFP4));

    /** Types that the format knows and we don't read. */
    private static final Map<Integer, String> OTHERS = Map.ofEntries(
            Map.entry(9, "Q8_1"),
            Map.entry(15, "Q8_K"),
            Map.entry(16, "IQ2_XXS"),
            Map.entry(17, "IQ2_XS"),
            Map.entry(18, "IQ3_XXS"),
            Map.entry(19, "IQ1_S"),
            Map.entry(21, "IQ3_S"),
            Map.entry(22, "IQ2_S"),
            Map.entry(29, "IQ1_M"),
            Map.entry(34, "TQ1_0"),
            Map.entry(35, "TQ2_0"),
            Map.entry(40, "NVFP4"));

    private static final Map<DType, Integer> NUMBERS =
            TYPES.entrySet().stream().collect(Collectors.toMap(Map.Entry::getValue, Map.Entry::getKey));

    private GgufTensorTypes() {}

    /** The type with this number, or empty where it is none that we read. */
    static Optional<DType> of(int number) {
        return Optional.ofNullable(TYPES.get(number));
    }

    /** The number of a type, or empty where the format has none. */
    static Optional<Integer> number(DType type) {
        return Optional.ofNullable(NUMBERS.get(type));
    }

    /** A number for messages, with its name where it has one. */
    static String label(int number) {
        String name = OTHERS.get(number);
        return name == null ? Integer.toUnsignedString(number) : name + " (" + number + ")";
    }

    /** All types that we read, comma-separated. */
    static String supported() {
        return Stream.of(DType.values())
                .filter(NUMBERS::containsKey)
                .map(DType::label)
                .collect(Collectors.joining(", "));
    }
}

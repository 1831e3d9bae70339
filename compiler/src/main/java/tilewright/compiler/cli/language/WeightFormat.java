package tilewright.compiler.cli.language;

import java.util.List;
import java.util.Locale;
import tilewright.compiler.OptionException;
import tilewright.compiler.cli.language.LanguageShape.Weight;
import tilewright.model.InvalidInputException;
import tilewright.model.tensor.DType;
import tilewright.model.tensor.NearestName;

/**
 * How a model's weights are stored: one format for all matrices, or llama.cpp's mixture Q4_K_M.
 *
 * <p>Norms and routers are always float32, as GGUF files have them.
 *
 * @param name as it is given on the command line
 * @param matrices the format of matrices
 * @param better the format of those that Q4_K_M keeps better; equal to {@code matrices} otherwise
 * @param fileType GGUF's {@code general.file_type}
 */
record WeightFormat(String name, DType matrices, DType better, int fileType) {
    private static final List<WeightFormat> ALL = List.of(
            plain(DType.F32, 0),
            plain(DType.F16, 1),
            plain(DType.BF16, 32),
            plain(DType.Q4_0, 2),
            plain(DType.Q4_1, 3),
            plain(DType.Q5_0, 8),
            plain(DType.Q5_1, 9),
            plain(DType.Q8_0, 7),
            plain(DType.Q2_K, 10),
            plain(DType.Q3_K, 12),
            plain(DType.Q4_K, 14),
            plain(DType.Q5_K, 16),
            plain(DType.Q6_K, 18),
            plain(DType.IQ4_NL, 25),
            plain(DType.IQ4_XS, 30),
            plain(DType.MXFP4, 38),
            new WeightFormat("q4_k_m", DType.Q4_K, DType.Q6_K, 15));

    private static WeightFormat plain(DType dtype, int fileType) {
        return new WeightFormat(dtype.label().toLowerCase(Locale.ROOT), dtype, dtype, fileType);
    }

    /**
     * The format of a name, in upper or lower case.
     *
     * @throws OptionException listing those that exist
     */
    static WeightFormat named(String name) {
        String wanted = name.toLowerCase(Locale.ROOT);
        return ALL.stream()
                .filter(format -> format.name.equals(wanted))
                .findFirst()
                .orElseThrow(() -> new OptionException("there is no format " + InvalidInputException.quoted(name)
                        + " of weights; formats are " + String.join(", ", names())
                        + NearestName.hint(wanted, names())));
    }

    private static List<String> names() {
        return ALL.stream().map(WeightFormat::name).toList();
    }

    /** The format of one tensor. */
    DType of(Weight weight, LanguageShape shape) {
        return switch (weight.role()) {
            case NORM, ROUTER -> DType.F32;
            case HEAD -> better;
            case VALUES, EXPERTS_DOWN -> isKeptBetter(weight.layer(), shape.layers()) ? better : matrices;
            case EMBEDDING, EXPERTS_UP, MATRIX -> matrices;
        };
    }

    /** The blocks whose values and down projections Q4_K_M keeps better: the first and last eighth, and every third between. */
    private static boolean isKeptBetter(int layer, int layers) {
        return layer < layers / 8 || layer >= 7 * layers / 8 || (layer - layers / 8) % 3 == 2;
    }

    /**
     * Refuses a format that safetensors files cannot hold.
     *
     * @throws OptionException naming those that they can
     */
    void requirePlain() {
        if (matrices.isBlockFormat()) {
            throw new OptionException(
                    "safetensors files hold no " + name + "; give -o FILE.gguf, or --format f32, f16 or bf16");
        }
    }
}

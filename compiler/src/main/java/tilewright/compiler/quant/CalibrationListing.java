package tilewright.compiler.quant;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What calibration found out, as text: a line per tensor, and the error of the outputs under each policy. */
public final class CalibrationListing {
    private static final String ROW = "%-34s %4d %12.6g %12.6g %s%n";

    private CalibrationListing() {}

    /** The listing of a quantised model. */
    public static String of(QuantisedModel quantised) {
        StringBuilder text = new StringBuilder();
        text.append(format(
                "%d calibration images; scales: %s%n",
                quantised.images(), quantised.policy().label()));
        if (quantised.outputErrors().isEmpty()) {
            text.append(format("the model is too large to try the policies on whole images%n"));
        }
        quantised
                .outputErrors()
                .forEach((policy, error) -> text.append(
                        format("%-12s median relative L2 error of the outputs %.3g%n", policy.label(), error)));
        text.append(format(
                "%n%-34s %4s %12s %12s %s%n",
                "tensor",
                "bits",
                "largest",
                "scale",
                Arrays.stream(ScalePolicy.values())
                        .map(policy -> format("%15s", policy.label() + " dB"))
                        .collect(Collectors.joining())));
        for (TensorScale tensor : quantised.tensors()) {
            String noise = tensor.signalToNoiseDb().values().stream()
                    .map(decibel -> format("%15.1f", decibel))
                    .collect(Collectors.joining());
            text.append(format(ROW, tensor.name(), tensor.bits(), tensor.largest(), tensor.scale(), noise));
        }
        return text.toString();
    }

    private static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values).replace(System.lineSeparator(), "\n");
    }
}

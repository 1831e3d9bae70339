package tilewright.compiler.build;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import tilewright.hw.hls.DesignParameters;

/**
 * What {@code build.json} holds: where a build came from and what belongs to it.
 *
 * @param tilewright version of the compiler
 * @param model where the model lies
 * @param modelSha256 digest of the model's files
 * @param family the model's {@code model_type}
 * @param board name of the board
 * @param boardSha256 digest of everything the board file says
 * @param bits of activations and weights
 * @param tasks in the program's order
 * @param scales how scales were found
 * @param calibration where the calibration images came from
 * @param images the images that were kept for verification
 * @param parameters of the design
 * @param artefacts every file of the build but this one and what verification adds, in alphabetical order
 */
public record BuildManifest(
        String tilewright,
        String model,
        String modelSha256,
        String family,
        String board,
        String boardSha256,
        int bits,
        List<String> tasks,
        String scales,
        String calibration,
        Images images,
        DesignParameters parameters,
        List<Artefact> artefacts) {
    /** Rejects a manifest that leaves something out. */
    public BuildManifest {
        for (Object part : Arrays.asList(
                tilewright,
                model,
                modelSha256,
                family,
                board,
                boardSha256,
                tasks,
                scales,
                calibration,
                images,
                parameters,
                artefacts)) {
            Objects.requireNonNull(part);
        }
    }

    /**
     * The images kept in {@value BuildDirectory#IMAGES}, raw {@code [count, channels, height, width]}.
     *
     * @param labels one per image; empty when there are none
     */
    public record Images(int count, int channels, int height, int width, List<Integer> labels) {
        /** Rejects a missing list. */
        public Images {
            Objects.requireNonNull(labels);
        }
    }

    /**
     * One file.
     *
     * @param path relative to the build directory, with slashes
     * @param bytes its size
     * @param sha256 its digest, hexadecimal
     */
    public record Artefact(String path, long bytes, String sha256) {
        /** Rejects a missing path or digest. */
        public Artefact {
            Objects.requireNonNull(path);
            Objects.requireNonNull(sha256);
        }
    }
}

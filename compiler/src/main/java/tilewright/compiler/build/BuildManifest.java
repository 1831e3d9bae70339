package tilewright.compiler.build;

import java.util.List;
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
    /**
     * The images kept in {@value BuildDirectory#IMAGES}, raw {@code [count, channels, height, width]}.
     *
     * @param labels one per image; empty when there are none
     */
    public record Images(int count, int channels, int height, int width, List<Integer> labels) {}

    /**
     * One file.
     *
     * @param path relative to the build directory, with slashes
     * @param bytes its size
     * @param sha256 its digest, hexadecimal
     */
    public record Artefact(String path, long bytes, String sha256) {}
}

package tilewright.compiler.cli;

import java.io.Reader;

/** What a JVM is to do while it writes down for later ones which classes it needs: {@code tilewright run} with several models. */
public final class Rehearsal {
    private Rehearsal() {}

    /**
     * Lets each model write a few tokens and ends the JVM with the first exit code that is not 0.
     *
     * @param args models
     */
    public static void main(String[] args) {
        int status = 0;
        for (int i = 0; i < args.length && status == 0; i++) {
            String[] run = {"run", args[i], "--prompt", "To be", "-n", "16"};
            status = Main.execute(run, Reader.nullReader(), System.out, System.err, false);
        }
        System.exit(status);
    }
}

package tilewright.compiler.cli;

import tilewright.compiler.Progress;

/** Shows progress to a person. */
interface ProgressDisplay extends Progress {
    /** Ends what is being shown; the next report starts anew. */
    void end();
}

package tilewright.compiler.profile;

import java.nio.file.Path;
import java.util.List;
import tilewright.edge.expert.ExpertSource;
import tilewright.edge.language.LanguageEngine;
import tilewright.model.family.language.LoadedLanguageModel;

/** Where a profiler's engines have their experts: in memory, all of them, or read on demand within a budget. */
public interface ExpertMemory {
    /** All in memory. */
    ExpertMemory ALL = new ExpertMemory() {
        @Override
        public void require(LoadedLanguageModel model, long bytes) {
            // Whatever it takes.
        }

        @Override
        public Use begin(LoadedLanguageModel model, List<Path> besides) {
            return new Use() {
                @Override
                public ExpertSource source() {
                    return null;
                }

                @Override
                public long share(LanguageEngine engine, Need need, List<Later> later) {
                    return 0;
                }

                @Override
                public void tidy() {
                    // Pages of a model's files may stay where they are.
                }

                @Override
                public void close() {
                    // The engine has the weights.
                }
            };
        }
    };

    /**
     * Refuses what cannot work, before anything is allocated.
     *
     * @param bytes that a profiler itself will hold outside of the heap
     */
    void require(LoadedLanguageModel model, long bytes);

    /**
     * The experts of one engine.
     *
     * @param besides files other than the model's whose pages {@link Use#tidy} gives back, too
     */
    Use begin(LoadedLanguageModel model, List<Path> besides);

    /**
     * What work with an engine takes.
     *
     * @param tokens of a text
     * @param texts that run together in one step, of all of whose tokens logits are wanted
     * @param heap bytes that come and go in the heap besides the engine's
     * @param other bytes outside of the heap besides the engine's
     * @param twice whether there will be a second set of experts, which takes turns with the first
     */
    record Need(int tokens, int texts, long heap, long other, boolean twice) {}

    /**
     * What later work takes.
     *
     * @param freed bytes held now that will have been given back by then
     */
    record Later(Need need, long freed) {}

    /** Experts while an engine uses them. */
    interface Use extends AutoCloseable {
        /** What the engine is loaded with; null for the model's own parameters. */
        ExpertSource source();

        /**
         * Gives the experts their memory, once the engine is loaded and before its first step.
         *
         * @param later what will be needed by engines after this one, so that what cannot be done then is refused now
         * @return bytes for a second set of experts; 0 where there is none or memory has no limit
         */
        long share(LanguageEngine engine, Need need, List<Later> later);

        /** Gives back pages of files that have been read, and heap that is needed no more. */
        void tidy();

        /** Ends the reading; after the engine's end. */
        @Override
        void close();
    }
}

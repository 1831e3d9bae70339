package tilewright.compiler.profile;

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
        public Use begin(LoadedLanguageModel model) {
            return new Use() {
                @Override
                public ExpertSource source() {
                    return null;
                }

                @Override
                public long share(LanguageEngine engine, int tokens, int texts, long besides, boolean twice) {
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
     * @param bytes that a profiler itself will hold
     */
    void require(LoadedLanguageModel model, long bytes);

    /** The experts of one engine. */
    Use begin(LoadedLanguageModel model);

    /** Experts while an engine uses them. */
    interface Use extends AutoCloseable {
        /** What the engine is loaded with; null for the model's own parameters. */
        ExpertSource source();

        /**
         * Gives the experts their memory, once the engine is loaded and before its first step.
         *
         * @param tokens of a text
         * @param texts that run together in one step, of all of whose tokens logits are wanted
         * @param besides bytes that will be taken besides the engine and what is held already
         * @param twice whether there will be a second set of experts, which takes turns with the first
         * @return bytes for that; 0 where memory has no limit
         */
        long share(LanguageEngine engine, int tokens, int texts, long besides, boolean twice);

        /** Gives back pages of the model's files that have been read, and heap that is needed no more. */
        void tidy();

        /** Ends the reading; after the engine's end. */
        @Override
        void close();
    }
}

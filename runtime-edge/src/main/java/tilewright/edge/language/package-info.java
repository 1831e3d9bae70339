/** Language models on a device: sequences with caches, steps over batches of them, sampling, generation, perplexity. */
package tilewright.edge.language;

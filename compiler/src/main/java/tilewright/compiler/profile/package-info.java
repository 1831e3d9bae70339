/** Calibration of language models: how experts are used, what their inputs look like, and what their quantisation costs. */
package tilewright.compiler.profile;

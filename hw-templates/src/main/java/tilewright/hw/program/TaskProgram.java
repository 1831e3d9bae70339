package tilewright.hw.program;

import java.util.List;

/**
 * The steps that compute one task.
 *
 * @param task its name
 * @param steps in order
 * @param result the buffer that holds the task's output
 */
public record TaskProgram(String task, List<Step> steps, Buffer result) {}

package tilewright.compiler.plan;

import tilewright.boards.Board;
import tilewright.hw.hls.DesignParameters;

/**
 * The sizes that the planner chose for a program on a board.
 *
 * @param board the board
 * @param parameters the sizes
 * @param estimate what they cost and how fast they are
 * @param limits what was allowed
 * @param candidates designs that were compared
 */
public record Plan(Board board, DesignParameters parameters, Estimate estimate, Limits limits, long candidates) {}

package tilewright.edge.probe;

import tilewright.edge.expert.StorageRate;

/**
 * How fast experts that are asked for become ready to be multiplied, checked and packed where they must be, by the same lanes as in
 * a run.
 *
 * @param startSeconds what it takes until they come, when nothing was read just before
 * @param rate bytes per second from then on
 * @param computing how fast a thread computes meanwhile that reads memory as fast as it can, as a part of its speed with nothing
 *     beside it; more than 0, at most 1
 */
public record ReadingPace(double startSeconds, StorageRate rate, double computing) {}

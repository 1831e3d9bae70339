package tilewright.edge.language;

import java.util.List;

/**
 * One run of a plan over some rows.
 *
 * @param team the threads
 * @param segments the rows' sequences, in order
 * @param number counts the plan's passes
 */
record Pass(Team team, List<Segment> segments, long number) {}

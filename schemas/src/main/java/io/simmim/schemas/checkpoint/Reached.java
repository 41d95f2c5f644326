package io.simmim.schemas.checkpoint;

/**
 * How far a run was.
 *
 * @param step the last complete step; 0 before the first one
 * @param epochMillis when it ended, or the run went on behind it, milliseconds since 1970
 */
public record Reached(long step, long epochMillis) {}

package io.simmim.pipeline.report.checkpoint;

import io.simmim.schemas.checkpoint.Reached;
import java.time.Instant;
import java.util.Optional;

/**
 * That a run went on from a checkpoint.
 *
 * @param at when it did
 * @param before how far it had been, as far as that was noted; nothing if it was not
 */
public record Restart(Instant at, Optional<Reached> before) {}

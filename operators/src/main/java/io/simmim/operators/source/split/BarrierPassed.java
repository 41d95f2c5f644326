package io.simmim.operators.source.split;

import org.apache.flink.api.connector.source.SourceEvent;

/**
 * A reader has taken its part of a checkpoint, sent the barrier on and goes on reading. After a
 * savepoint that stops the job none does.
 *
 * @param checkpoint id of the checkpoint
 */
public record BarrierPassed(long checkpoint) implements SourceEvent {}

package io.simmim.operators.source;

import org.apache.flink.api.connector.source.SourceEvent;

/**
 * A reader has taken its part of a checkpoint and sent the barrier on.
 *
 * @param checkpoint id of the checkpoint
 */
record BarrierPassed(long checkpoint) implements SourceEvent {}

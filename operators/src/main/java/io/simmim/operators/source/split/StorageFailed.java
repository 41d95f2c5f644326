package io.simmim.operators.source.split;

import org.apache.flink.api.connector.source.SourceEvent;

/**
 * A reader ends because it cannot read storage, and the other readers with it. Its process lives,
 * so no image has ended that.
 */
public record StorageFailed() implements SourceEvent {}

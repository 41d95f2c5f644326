package io.simmim.operators.source.split;

import org.apache.flink.api.connector.source.SourceEvent;

/**
 * A reader's share of the chunks that wait to be handed out, for its metrics.
 *
 * @param chunks of all readers together as many as wait
 */
public record PendingChunks(long chunks) implements SourceEvent {}

package io.simmim.operators.source;

import org.apache.flink.api.connector.source.SourceEvent;

/**
 * A reader's share of the chunks that wait to be handed out, for its metrics.
 *
 * @param chunks of all readers together as many as wait
 */
record PendingChunks(long chunks) implements SourceEvent {}

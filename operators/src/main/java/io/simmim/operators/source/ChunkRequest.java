package io.simmim.operators.source;

import org.apache.flink.api.connector.source.SourceEvent;

/**
 * A reader that starts asks for its first chunks.
 *
 * @param chunks how many it is ready to hold
 */
record ChunkRequest(int chunks) implements SourceEvent {}

package io.simmim.operators.source.split;

import org.apache.flink.api.connector.source.SourceEvent;

/**
 * A reader that starts asks for its first chunks.
 *
 * @param chunks how many it is ready to hold
 */
public record ChunkRequest(int chunks) implements SourceEvent {}

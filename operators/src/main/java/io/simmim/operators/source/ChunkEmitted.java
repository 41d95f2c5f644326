package io.simmim.operators.source;

import org.apache.flink.api.connector.source.SourceEvent;

/**
 * A reader has emitted a chunk and is ready for another one in its place.
 *
 * @param chunk number of the chunk
 */
record ChunkEmitted(long chunk) implements SourceEvent {}

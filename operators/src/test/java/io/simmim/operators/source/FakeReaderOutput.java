package io.simmim.operators.source;

import io.simmim.schemas.EncodedChunk;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceOutput;

/** Keeps what a reader emits. */
public class FakeReaderOutput implements ReaderOutput<EncodedChunk> {
  public final List<EncodedChunk> chunks = new ArrayList<>();
  public final List<String> released = new ArrayList<>();

  @Override
  public void collect(EncodedChunk chunk) {
    chunks.add(chunk);
  }

  @Override
  public void collect(EncodedChunk chunk, long timestamp) {
    chunks.add(chunk);
  }

  @Override
  public void emitWatermark(Watermark watermark) {
    throw new UnsupportedOperationException("no watermarks");
  }

  @Override
  public void markIdle() {
    throw new UnsupportedOperationException("no watermarks");
  }

  @Override
  public void markActive() {
    throw new UnsupportedOperationException("no watermarks");
  }

  @Override
  public SourceOutput<EncodedChunk> createOutputForSplit(String splitId) {
    return this;
  }

  @Override
  public void releaseOutputForSplit(String splitId) {
    released.add(splitId);
  }
}

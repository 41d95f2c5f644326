package io.simmim.operators.source.reader;

import io.simmim.schemas.EncodedImage;
import io.simmim.schemas.ImagesInTurn;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * The images of a large chunk, which are fetched while those before them are decoded. Asking for
 * one throws an {@link UncheckedIOException} if storage is away.
 */
final class HandedOver extends ImagesInTurn {
  private final ChunkFetcher fetcher;
  private final PendingChunk chunk;
  private int next;

  HandedOver(ChunkFetcher fetcher, PendingChunk chunk) {
    this.fetcher = fetcher;
    this.chunk = chunk;
  }

  @Override
  public EncodedImage get(int place) {
    try {
      for (; next <= place; next++) {
        fetcher.await(chunk, next);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for an image", e);
    }
    return chunk.image(place);
  }

  @Override
  public int size() {
    return chunk.size();
  }

  @Override
  public void end() {
    fetcher.endTurn();
  }
}

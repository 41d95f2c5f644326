package io.simmim.operators.source.split;

import io.simmim.schemas.ImageRef;
import java.util.List;
import java.util.Objects;
import org.apache.flink.api.connector.source.SourceSplit;

/**
 * One chunk to fetch: consecutive positions of one epoch.
 *
 * <p>Two splits are equal if their chunk is: within a run the number determines everything else.
 *
 * @param chunk number of the chunk in the whole run, from 0
 * @param epoch epoch that the chunk belongs to, from 0
 * @param firstPosition position within the epoch of the first image
 * @param images in the order of their positions; in the enumerator a view that looks them up in the
 *     catalog. Not copied: must not change
 * @param suspect whether an image of it may end the process that decodes it
 */
public record ChunkSplit(
    long chunk, int epoch, long firstPosition, List<ImageRef> images, boolean suspect)
    implements SourceSplit {
  public static final int NAMES = 1024;

  public ChunkSplit {
    Objects.requireNonNull(images, "images");
  }

  /** A chunk that has done no harm. */
  public ChunkSplit(long chunk, int epoch, long firstPosition, List<ImageRef> images) {
    this(chunk, epoch, firstPosition, images, false);
  }

  @Override
  public String splitId() {
    return idOf(chunk);
  }

  /**
   * A name that comes again after {@value #NAMES} chunks: Flink 2.3 keeps a group of metrics for
   * every name that a split ever had, in the task and in the job manager, until the job ends. Those
   * of the chunks that are out at the same time differ, as they are within one window.
   */
  public static String idOf(long chunk) {
    return Long.toString(chunk % NAMES);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ChunkSplit that && chunk == that.chunk;
  }

  @Override
  public int hashCode() {
    return Long.hashCode(chunk);
  }

  @Override
  public String toString() {
    return "chunk " + chunk;
  }
}

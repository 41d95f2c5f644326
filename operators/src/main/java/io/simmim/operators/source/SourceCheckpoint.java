package io.simmim.operators.source;

import io.simmim.operators.arrival.log.ArrivalLogReference;
import io.simmim.operators.source.enumerator.ChunkEnumeratorState;
import io.simmim.operators.source.enumerator.ChunkEnumeratorStateSerializer;
import io.simmim.operators.source.enumerator.PlanState;
import io.simmim.schemas.BatchPlan;
import io.simmim.schemas.UserError;
import io.simmim.schemas.text.PrintableText;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.Optional;

/**
 * What a checkpoint says of the images: for those who look at it outside a job.
 *
 * @param nextChunk the first chunk that was never handed out
 * @param catalog digest of the list of images, if the run is over one
 * @param log of arrivals, if the run is a continuous one that has begun
 * @param startNumber which of the starts of its job this is, from 1; 0 in those of earlier builds
 */
public record SourceCheckpoint(
    long nextChunk, Optional<String> catalog, Optional<ArrivalLogReference> log, long startNumber) {
  /**
   * Reads what Flink stored for the coordinator of a source: version of the form, version of the
   * enumerator's state, its length (ints, big-endian), and the state.
   *
   * @throws UserError if the state is not one of this build's sources
   */
  public static SourceCheckpoint parse(byte[] coordinatorState) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(coordinatorState))) {
      in.readInt();
      int version = in.readInt();
      int length = in.readInt();
      if (length < 0 || length > in.available()) {
        throw new IOException("%d bytes cannot follow".formatted(length));
      }
      byte[] state = in.readNBytes(length);
      return of(new ChunkEnumeratorStateSerializer().deserialize(version, state));
    } catch (IOException e) {
      throw new UserError("the state of the source is unreadable: " + PrintableText.reason(e), e);
    }
  }

  private static SourceCheckpoint of(ChunkEnumeratorState state) {
    if (state instanceof ChunkEnumeratorState.Progress progress) {
      Optional<String> catalog =
          progress.images() instanceof PlanState.Listed listed
              ? Optional.of(listed.catalog().digest())
              : Optional.empty();
      Optional<ArrivalLogReference> log =
          progress.images() instanceof PlanState.Arriving arriving
              ? arriving.log()
              : Optional.empty();
      return new SourceCheckpoint(progress.nextChunk(), catalog, log, progress.startNumber());
    }
    throw new UserError(
        "the state of the source is unreadable: "
            + ((ChunkEnumeratorState.Unreadable) state).problem());
  }

  /** Optimizer steps that need no chunk beyond those before {@code nextChunk}, rounded up. */
  public static long steps(long nextChunk, BatchPlan plan) {
    return (nextChunk + plan.chunksPerStep() - 1) / plan.chunksPerStep();
  }
}

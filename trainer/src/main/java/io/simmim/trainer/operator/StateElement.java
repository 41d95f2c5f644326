package io.simmim.trainer.operator;

import io.simmim.schemas.RejectedImage;
import io.simmim.schemas.TensorChunk;
import io.simmim.trainer.loop.TrainingProgress;
import io.simmim.trainer.model.parameter.TensorSpec;
import io.simmim.trainer.state.TrainingPlatform;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;

/**
 * One element of the training state in a checkpoint. All are immutable, so that Flink copies
 * references in the synchronous part of a checkpoint and {@link StateElementSerializer} reads the
 * tensors' bytes from the snapshot in the asynchronous part. Their order means nothing.
 *
 * <p>All elements of one checkpoint bear the same snapshot number, so that one of another
 * checkpoint is recognised.
 */
sealed interface StateElement {
  /** Largest number of bytes of a tensor in one element. */
  int PIECE_BYTES = 4 << 20;

  /** Largest number of sample ids in one element. */
  int PIECE_IDS = 1 << 16;

  /** Number drawn for each checkpoint, the same in all of its elements. */
  long snapshot();

  /**
   * What the state consists of, once in each checkpoint.
   *
   * @param identity configuration that the run must have to go on
   * @param platform what trained until here; for information
   * @param progress position in the run, as are the next three
   * @param steps complete steps
   * @param microBatchOfStep micro-batches consumed of the step under way
   * @param nextChunk number of the chunk to be consumed next
   * @param rejectedImages number of ids in all {@link RejectedIds}
   * @param firstRejected the rejected images that an error would name
   * @param pendingChunks number of {@link PendingChunk}s
   * @param tensors names and shapes of all tensors; their pieces cover them without gaps
   */
  record Header(
      long snapshot,
      ConfigurationIdentity identity,
      TrainingPlatform platform,
      TrainingProgress progress,
      long steps,
      int microBatchOfStep,
      long nextChunk,
      int rejectedImages,
      List<RejectedImage> firstRejected,
      int pendingChunks,
      List<TensorSpec> tensors)
      implements StateElement {
    public Header {
      if (steps < 0
          || microBatchOfStep < 0
          || nextChunk < 0
          || rejectedImages < 0
          || pendingChunks < 0) {
        throw new IllegalArgumentException(
            "counts must be at least 0: step %d, micro-batch %d, chunk %d, %d rejected, %d pending"
                .formatted(steps, microBatchOfStep, nextChunk, rejectedImages, pendingChunks));
      }
      firstRejected = List.copyOf(firstRejected);
      tensors = List.copyOf(tensors);
    }
  }

  /**
   * Some of the images rejected so far.
   *
   * @param ids catalog indices. Not copied: treat as read-only
   */
  record RejectedIds(long snapshot, long[] ids) implements StateElement {}

  /**
   * Some bytes of a tensor: little-endian fp32 values.
   *
   * @param tensor name of the tensor
   * @param offset first byte within the tensor
   * @param length number of bytes, at most {@link #PIECE_BYTES}
   * @param bytes where they are
   */
  record TensorPiece(long snapshot, String tensor, long offset, int length, PieceBytes bytes)
      implements StateElement {
    public TensorPiece {
      Objects.requireNonNull(tensor, "tensor");
      if (offset < 0 || length < 1 || length > PIECE_BYTES) {
        throw new IllegalArgumentException(
            "a piece of %s must have 1 to %d bytes: %d from %d"
                .formatted(tensor, PIECE_BYTES, length, offset));
      }
    }
  }

  /** The bytes of a {@link TensorPiece}, on the device or in native memory. */
  interface PieceBytes {
    /**
     * Fills the buffer.
     *
     * @param offset first byte within the piece
     */
    void read(int offset, ByteBuffer into) throws IOException;

    /** Frees the memory of a restored piece; does nothing to a snapshot. */
    void free();
  }

  /** A chunk that came but was not consumed yet. */
  record PendingChunk(long snapshot, TensorChunk chunk) implements StateElement {}

  /**
   * Stands for an element that cannot be read, so that the operator can say what is wrong with the
   * state as a whole. Never written.
   */
  record Damaged(long snapshot, String reason) implements StateElement {}
}

package io.simmim.trainer.operator;

import io.simmim.schemas.RejectedImage;
import io.simmim.schemas.TensorChunk;
import io.simmim.schemas.UserError;
import io.simmim.schemas.checkpoint.DamagedCheckpoint;
import io.simmim.schemas.text.PrintableText;
import io.simmim.trainer.loop.SavedTraining;
import io.simmim.trainer.loop.TrainingProgress;
import io.simmim.trainer.model.parameter.TensorSpec;
import io.simmim.trainer.operator.StateElement.Damaged;
import io.simmim.trainer.operator.StateElement.Header;
import io.simmim.trainer.operator.StateElement.PendingChunk;
import io.simmim.trainer.operator.StateElement.RejectedIds;
import io.simmim.trainer.operator.StateElement.TensorPiece;
import io.simmim.trainer.state.TrainingPlatform;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.LongStream;

/**
 * The training state of a checkpoint, put together from its elements in whatever order and checked
 * for completeness: each tensor is covered without gaps, nothing is missing, nothing belongs to
 * another checkpoint.
 *
 * <p>Holds native memory until closed. Thread-safe once made, except that closing must not race
 * with reading.
 */
final class RestoredState implements SavedTraining {
  private final Header header;
  private final List<TensorSpec> tensors;
  private final List<NavigableMap<Long, TensorPiece>> pieces = new ArrayList<>();
  private final List<TensorChunk> pendingChunks;
  private final long[] rejectedIds;

  private RestoredState(List<StateElement> elements) {
    elements.forEach(RestoredState::requireReadable);
    List<Header> headers = only(Header.class, elements);
    if (headers.size() != 1) {
      throw damaged("it must have 1 header: " + headers.size());
    }
    header = headers.get(0);
    tensors = header.tensors();
    for (StateElement element : elements) {
      if (element.snapshot() != header.snapshot()) {
        throw damaged(
            "%s belongs to another checkpoint"
                .formatted(
                    element instanceof TensorPiece piece
                        ? "a piece of " + piece.tensor()
                        : "an element"));
      }
    }
    gatherPieces(only(TensorPiece.class, elements));
    pendingChunks =
        only(PendingChunk.class, elements).stream()
            .map(PendingChunk::chunk)
            .sorted(Comparator.comparingLong(TensorChunk::index))
            .toList();
    requireCount("chunks not yet used", header.pendingChunks(), pendingChunks.size());
    rejectedIds =
        only(RejectedIds.class, elements).stream()
            .flatMapToLong(ids -> LongStream.of(ids.ids()))
            .sorted()
            .toArray();
    requireCount("rejected images", header.rejectedImages(), rejectedIds.length);
  }

  /**
   * Puts the state together and takes over the elements' memory.
   *
   * @throws UserError that says what is missing or wrong, and what to do
   */
  static RestoredState of(List<StateElement> elements) {
    try {
      return new RestoredState(elements);
    } catch (RuntimeException e) {
      only(TensorPiece.class, elements).forEach(piece -> piece.bytes().free());
      throw e;
    }
  }

  private static void requireReadable(StateElement element) {
    if (element instanceof Damaged found) {
      throw damaged(found.reason());
    }
  }

  private void gatherPieces(List<TensorPiece> all) {
    Map<String, NavigableMap<Long, TensorPiece>> byTensor = new HashMap<>();
    for (TensorSpec tensor : tensors) {
      if (byTensor.put(tensor.name(), new TreeMap<>()) != null) {
        throw damaged("its header names the tensor %s twice".formatted(tensor.name()));
      }
    }
    for (TensorPiece piece : all) {
      NavigableMap<Long, TensorPiece> others = byTensor.get(piece.tensor());
      if (others == null) {
        throw damaged("its header does not name the tensor " + piece.tensor());
      }
      if (others.put(piece.offset(), piece) != null) {
        throw damaged("%s has two pieces at byte %d".formatted(piece.tensor(), piece.offset()));
      }
    }
    for (TensorSpec tensor : tensors) {
      NavigableMap<Long, TensorPiece> own = byTensor.get(tensor.name());
      requireWhole(tensor, own);
      pieces.add(own);
    }
  }

  private static void requireWhole(TensorSpec tensor, NavigableMap<Long, TensorPiece> own) {
    long end = 0;
    for (TensorPiece piece : own.values()) {
      if (piece.offset() != end) {
        throw damaged(
            "%s lacks the bytes from %d to %d".formatted(tensor.name(), end, piece.offset()));
      }
      end += piece.length();
    }
    if (end != tensor.bytes()) {
      throw damaged(
          "%s lacks the bytes from %d to %d".formatted(tensor.name(), end, tensor.bytes()));
    }
  }

  private static void requireCount(String what, int expected, int found) {
    if (expected != found) {
      throw damaged("it must have %d %s: %d".formatted(expected, what, found));
    }
  }

  private static <T extends StateElement> List<T> only(Class<T> type, List<StateElement> elements) {
    return elements.stream().filter(type::isInstance).map(type::cast).toList();
  }

  static UserError damaged(String reason) {
    return DamagedCheckpoint.error(
        "the training state of the checkpoint is damaged: " + PrintableText.of(reason));
  }

  Header header() {
    return header;
  }

  /** In the order of their numbers. */
  List<TensorChunk> pendingChunks() {
    return pendingChunks;
  }

  @Override
  public TrainingProgress progress() {
    return header.progress();
  }

  @Override
  public TrainingPlatform platform() {
    return header.platform();
  }

  @Override
  public List<RejectedImage> firstRejected() {
    return header.firstRejected();
  }

  @Override
  public long[] rejectedIds() {
    return rejectedIds;
  }

  @Override
  public List<TensorSpec> tensors() {
    return tensors;
  }

  @Override
  public void read(int tensor, long byteOffset, ByteBuffer into) throws IOException {
    TensorSpec spec = tensors.get(tensor);
    if (byteOffset < 0 || byteOffset > spec.bytes() - into.remaining()) {
      throw new IllegalArgumentException(
          "%s has %d bytes; cannot read %d from byte %d"
              .formatted(spec.name(), spec.bytes(), into.remaining(), byteOffset));
    }
    int limit = into.limit();
    long at = byteOffset;
    while (into.position() < limit) {
      TensorPiece piece = pieces.get(tensor).floorEntry(at).getValue();
      int offset = (int) (at - piece.offset());
      int count = Math.min(limit - into.position(), piece.length() - offset);
      into.limit(into.position() + count);
      piece.bytes().read(offset, into);
      into.limit(limit);
      at += count;
    }
  }

  @Override
  public void close() {
    for (NavigableMap<Long, TensorPiece> own : pieces) {
      own.values().forEach(piece -> piece.bytes().free());
    }
  }
}

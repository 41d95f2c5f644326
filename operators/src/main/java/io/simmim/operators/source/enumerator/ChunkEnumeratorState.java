package io.simmim.operators.source.enumerator;

import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What a checkpoint keeps of the enumerator. */
public sealed interface ChunkEnumeratorState {
  /**
   * How far a run has come.
   *
   * @param images from what the images of every chunk follow
   * @param nextChunk the first chunk never handed out
   * @param returned chunks below it that no reader holds, ascending
   * @param refused images that must not be decoded any more: by sample id why, in one line
   * @param startNumber which of the starts of its job this is, from 1; 0 if nobody counts them
   */
  record Progress(
      PlanState images,
      long nextChunk,
      List<Long> returned,
      Map<Long, String> refused,
      long startNumber)
      implements ChunkEnumeratorState {
    public Progress {
      Objects.requireNonNull(images, "images");
      returned = List.copyOf(returned);
      refused = Map.copyOf(refused);
      long last = -1;
      for (long chunk : returned) {
        if (chunk <= last) {
          throw new IllegalArgumentException("returned chunks must ascend from 0: " + returned);
        }
        last = chunk;
      }
      if (startNumber < 0) {
        throw new IllegalArgumentException("starts are counted from 1: " + startNumber);
      }
      if (last >= nextChunk || nextChunk < 0) {
        throw new IllegalArgumentException(
            "returned chunks must be below the next one %d: %s".formatted(nextChunk, returned));
      }
    }

    /** A run that has not begun. */
    public static Progress start(PlanState images) {
      return new Progress(images, 0, List.of(), Map.of(), 0);
    }
  }

  /**
   * Bytes that this build cannot read. Flink 2.3 loses exceptions thrown while a coordinator is
   * restored, and the job would wait for ever; so the problem travels on, and the enumerator tells
   * it when it starts.
   *
   * @param problem one line for people
   */
  record Unreadable(String problem) implements ChunkEnumeratorState {
    public Unreadable {
      Objects.requireNonNull(problem, "problem");
    }
  }
}

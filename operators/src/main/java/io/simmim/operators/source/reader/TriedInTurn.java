package io.simmim.operators.source.reader;

import io.simmim.operators.source.suspect.ChunkTrial;
import io.simmim.schemas.EncodedChunk;
import io.simmim.schemas.EncodedImage;
import io.simmim.schemas.ImagesInTurn;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Images of a chunk of suspects, each of which is tried when it is asked for. */
final class TriedInTurn extends ImagesInTurn {
  private final EncodedChunk chunk;
  private final ImagesInTurn untried;
  private final ChunkTrial trial;
  private final Consumer<Map<Long, String>> refusing;

  /** Why an image is refused; empty if it is not. */
  private final List<Map<Long, String>> refused = new ArrayList<>();

  /**
   * @param refusing is told why an image is refused, by its sample id
   */
  TriedInTurn(
      EncodedChunk chunk,
      ImagesInTurn untried,
      ChunkTrial trial,
      Consumer<Map<Long, String>> refusing) {
    this.chunk = chunk;
    this.untried = untried;
    this.trial = trial;
    this.refusing = refusing;
  }

  /** The image, or the reason why it is refused. */
  static EncodedImage without(Map<Long, String> refused, EncodedImage image) {
    String reason = refused.get(image.ref().sampleId());
    return reason == null ? image : EncodedImage.failed(image.ref(), reason);
  }

  @Override
  public EncodedImage get(int place) {
    try {
      while (refused.size() <= place) {
        int next = refused.size();
        Map<Long, String> found =
            trial.run(
                new EncodedChunk(
                    chunk.index(),
                    chunk.epoch(),
                    chunk.firstPosition() + next,
                    List.of(untried.get(next))));
        refusing.accept(found);
        refused.add(found);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while an image was tried", e);
    }
    return without(refused.get(place), untried.get(place));
  }

  @Override
  public int size() {
    return untried.size();
  }

  @Override
  public void end() {
    untried.end();
  }
}

package io.simmim.pipeline.run;

import io.simmim.operators.arrival.WhenIdle;
import io.simmim.operators.source.enumerator.ArrivalSourceConfig;
import io.simmim.operators.source.enumerator.ArrivingImages;
import io.simmim.operators.source.enumerator.ChunkEnumeratorState;
import io.simmim.operators.source.fetch.FetchConfig;
import io.simmim.pipeline.run.folder.StoredPoint;
import io.simmim.schemas.BatchPlan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Checkpoints that hold what the source of a continuous run tells, and nothing else. */
final class ContinuousCheckpoints {
  private ContinuousCheckpoints() {}

  /**
   * Writes one.
   *
   * @param nextChunk how far the run has come
   * @param millis when it was completed
   */
  static Path write(Path folder, long nextChunk, long millis) throws IOException {
    ArrivalSourceConfig config =
        new ArrivalSourceConfig(
            List.of(), List.of(), "file:/l", 0, 0.5, null, null, WhenIdle.WAIT, 1);
    ArrivingImages images =
        new ArrivingImages(config, BatchPlan.continuous(10, 4, 1, 2), FetchConfig.defaults());
    return StoredPoint.writeSource(
        folder,
        millis,
        new ChunkEnumeratorState.Progress(images.initial(), nextChunk, List.of(), Map.of(), 0));
  }
}

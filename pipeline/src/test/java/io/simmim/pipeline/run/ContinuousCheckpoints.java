package io.simmim.pipeline.run;

import io.simmim.operators.arrival.WhenIdle;
import io.simmim.operators.source.ChunkSource;
import io.simmim.operators.source.enumerator.ArrivalSourceConfig;
import io.simmim.operators.source.enumerator.ArrivingImages;
import io.simmim.operators.source.enumerator.ChunkEnumeratorState;
import io.simmim.operators.source.fetch.FetchConfig;
import io.simmim.operators.source.suspect.SuspectConfig;
import io.simmim.schemas.BatchPlan;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.runtime.state.memory.ByteStreamStateHandle;

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
    OperatorState images = new OperatorState("images", "images", new OperatorID(1, 1), 1, 1);
    images.setCoordinatorState(new ByteStreamStateHandle("images", coordinator(nextChunk)));
    Path metadata = Files.createDirectories(folder).resolve("_metadata");
    try (DataOutputStream out = new DataOutputStream(Files.newOutputStream(metadata))) {
      Checkpoints.storeCheckpointMetadata(
          new CheckpointMetadata(7, List.of(images), List.of()), out);
    }
    Files.setLastModifiedTime(metadata, FileTime.fromMillis(millis));
    return folder;
  }

  /** As Flink's coordinator of a source stores it. */
  private static byte[] coordinator(long nextChunk) throws IOException {
    ArrivalSourceConfig config =
        new ArrivalSourceConfig(
            List.of(), List.of(), "file:/l", 0, 0.5, null, null, WhenIdle.WAIT, 1);
    FetchConfig fetch = FetchConfig.defaults();
    ArrivingImages images = new ArrivingImages(config, BatchPlan.continuous(10, 4, 1, 2), fetch);
    SimpleVersionedSerializer<ChunkEnumeratorState> serializer =
        new ChunkSource(images, fetch, SuspectConfig.NONE).getEnumeratorCheckpointSerializer();
    byte[] state =
        serializer.serialize(
            new ChunkEnumeratorState.Progress(images.initial(), nextChunk, List.of(), Map.of()));
    ByteArrayOutputStream stored = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(stored);
    out.writeInt(1);
    out.writeInt(serializer.getVersion());
    out.writeInt(state.length);
    out.write(state);
    return stored.toByteArray();
  }
}

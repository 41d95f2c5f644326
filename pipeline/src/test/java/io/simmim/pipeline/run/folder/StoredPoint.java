package io.simmim.pipeline.run.folder;

import io.simmim.operators.catalog.CatalogReference;
import io.simmim.operators.source.enumerator.ChunkEnumeratorState;
import io.simmim.operators.source.enumerator.ChunkEnumeratorState.Progress;
import io.simmim.operators.source.enumerator.ChunkEnumeratorStateSerializer;
import io.simmim.operators.source.enumerator.PlanState;
import io.simmim.operators.source.split.Shuffle;
import io.simmim.schemas.BatchPlan;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.checkpoint.filemerging.LogicalFile.LogicalFileId;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.runtime.state.CheckpointedStateScope;
import org.apache.flink.runtime.state.OperatorStateHandle;
import org.apache.flink.runtime.state.OperatorStreamStateHandle;
import org.apache.flink.runtime.state.StreamStateHandle;
import org.apache.flink.runtime.state.filemerging.EmptySegmentFileStateHandle;
import org.apache.flink.runtime.state.filemerging.SegmentFileStateHandle;
import org.apache.flink.runtime.state.filesystem.RelativeFileStateHandle;
import org.apache.flink.runtime.state.memory.ByteStreamStateHandle;

/** Writes completed checkpoints and savepoints. */
public final class StoredPoint {
  private static final PlanState IMAGES =
      new PlanState.Listed(
          1,
          Shuffle.SAMPLE,
          new CatalogReference("file:/c", "a".repeat(64), 100),
          new BatchPlan(100, 5, 4, 3, 2));

  private StoredPoint() {}

  /**
   * One of an operator whose state is in one file of 11 bytes, and that tells of no source.
   *
   * @param millis when it was completed
   */
  public static Path write(Path folder, long millis) throws IOException {
    return write(folder, millis, 7, List.of(operator(folder)));
  }

  /**
   * One of two operators whose states Flink has merged into one file, as it does if it is told to:
   * 11 bytes behind 5 of others, and none.
   *
   * @param millis when it was completed
   */
  static Path writeMerged(Path folder, long millis) throws IOException {
    Path state = Files.writeString(Files.createDirectories(folder).resolve("merged"), "other");
    Files.writeString(state, "some states", StandardOpenOption.APPEND);
    StreamStateHandle some =
        new SegmentFileStateHandle(
            new org.apache.flink.core.fs.Path(state.toUri()),
            5,
            11,
            CheckpointedStateScope.EXCLUSIVE,
            LogicalFileId.generateRandomId());
    return write(
        folder,
        millis,
        7,
        List.of(operator("trainer", some), operator("sink", EmptySegmentFileStateHandle.INSTANCE)));
  }

  /**
   * The same, of a job that tells which of its starts it is.
   *
   * @param start of the job, from 1
   * @param number of the checkpoint
   */
  static Path write(Path folder, long millis, long start, long number) throws IOException {
    ChunkEnumeratorState state = new Progress(IMAGES, 5, List.of(), Map.of(), start);
    return write(folder, millis, number, List.of(operator(folder), source(state)));
  }

  /** One of a source only. */
  public static Path writeSource(Path folder, long millis, ChunkEnumeratorState state)
      throws IOException {
    return write(folder, millis, 7, List.of(source(state)));
  }

  private static Path write(Path folder, long millis, long number, List<OperatorState> states)
      throws IOException {
    Path metadata = Files.createDirectories(folder).resolve("_metadata");
    try (DataOutputStream out = new DataOutputStream(Files.newOutputStream(metadata))) {
      Checkpoints.storeCheckpointMetadata(new CheckpointMetadata(number, states, List.of()), out);
    }
    Files.setLastModifiedTime(metadata, FileTime.fromMillis(millis));
    return folder;
  }

  private static OperatorState operator(Path folder) throws IOException {
    Path state = Files.writeString(Files.createDirectories(folder).resolve("state"), "some states");
    return operator(
        "trainer",
        new RelativeFileStateHandle(
            new org.apache.flink.core.fs.Path(state.toUri()), "state", Files.size(state)));
  }

  private static OperatorState operator(String name, StreamStateHandle file) {
    OperatorID id = new OperatorID(1, 1 + name.length());
    OperatorState operator = new OperatorState(name, name, id, 1, 1);
    OperatorStateHandle handle =
        new OperatorStreamStateHandle(
            Map.of(
                "model",
                new OperatorStateHandle.StateMetaInfo(
                    new long[] {0}, OperatorStateHandle.Mode.SPLIT_DISTRIBUTE)),
            file);
    operator.putState(0, OperatorSubtaskState.builder().setManagedOperatorState(handle).build());
    return operator;
  }

  /** As Flink's coordinator of a source stores it. */
  private static OperatorState source(ChunkEnumeratorState state) throws IOException {
    ChunkEnumeratorStateSerializer serializer = new ChunkEnumeratorStateSerializer();
    byte[] bytes = serializer.serialize(state);
    ByteArrayOutputStream stored = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(stored);
    out.writeInt(1);
    out.writeInt(serializer.getVersion());
    out.writeInt(bytes.length);
    out.write(bytes);
    OperatorState images = new OperatorState("images", "images", new OperatorID(1, 1), 1, 1);
    images.setCoordinatorState(new ByteStreamStateHandle("images", stored.toByteArray()));
    return images;
  }
}

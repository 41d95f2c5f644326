package io.simmim.pipeline.run.folder;

import static io.simmim.pipeline.run.folder.RestorePoint.firstLine;
import static io.simmim.pipeline.run.folder.RunFolder.readable;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.core.fs.Path;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
import org.apache.flink.runtime.state.OperatorStateHandle;
import org.apache.flink.runtime.state.StreamStateHandle;
import org.apache.flink.runtime.state.filemerging.EmptySegmentFileStateHandle;
import org.apache.flink.runtime.state.filemerging.SegmentFileStateHandle;
import org.apache.flink.runtime.state.filesystem.FileStateHandle;

/**
 * The files that the states of a checkpoint or savepoint are in. Flink keeps each state in a file
 * of its own, or in its metadata if it is small, or several in one file that may still grow ({@code
 * execution.checkpointing.file-merging.enabled}).
 */
final class StateFiles {
  private final Map<Path, Length> lengths = new LinkedHashMap<>();

  /**
   * What is known of the length of a file.
   *
   * @param more whether others may have written behind these bytes
   */
  private record Length(long bytes, boolean more) {
    Length and(Length other) {
      return bytes >= other.bytes ? this : other;
    }

    boolean agrees(long found) {
      return found == bytes || (more && found > bytes);
    }

    @Override
    public String toString() {
      return more ? "at least " + bytes : Long.toString(bytes);
    }
  }

  private StateFiles() {}

  /** Those that metadata names. This job has operator state only. */
  static StateFiles of(CheckpointMetadata metadata) {
    StateFiles files = new StateFiles();
    for (OperatorState operator : metadata.getOperatorStates()) {
      for (OperatorSubtaskState subtask : operator.getStates()) {
        subtask.getManagedOperatorState().forEach(files::add);
        subtask.getRawOperatorState().forEach(files::add);
      }
    }
    return files;
  }

  private void add(OperatorStateHandle state) {
    StreamStateHandle handle = state.getDelegateStateHandle();
    if (handle instanceof FileStateHandle file) {
      add(file.getFilePath(), new Length(file.getStateSize(), false));
    } else if (handle instanceof SegmentFileStateHandle segment
        && !(handle instanceof EmptySegmentFileStateHandle)) {
      long end = segment.getStartPos() + segment.getStateSize();
      add(segment.getFilePath(), new Length(end, true));
    }
  }

  private void add(Path file, Length length) {
    lengths.merge(file, length, Length::and);
  }

  /** What is wrong with the first that is missing or has another length. */
  Optional<String> damage() {
    return lengths.entrySet().stream()
        .map(file -> damage(file.getKey(), file.getValue()))
        .flatMap(Optional::stream)
        .findFirst();
  }

  private static Optional<String> damage(Path file, Length length) {
    try {
      long found = file.getFileSystem().getFileStatus(file).getLen();
      return length.agrees(found)
          ? Optional.empty()
          : Optional.of("%s has %s bytes instead of %s".formatted(readable(file), found, length));
    } catch (FileNotFoundException e) {
      return Optional.of(readable(file) + " is missing");
    } catch (IOException e) {
      return Optional.of(readable(file) + " cannot be read: " + firstLine(e));
    }
  }
}

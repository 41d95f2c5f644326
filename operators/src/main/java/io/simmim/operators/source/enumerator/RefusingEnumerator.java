package io.simmim.operators.source.enumerator;

import io.simmim.operators.source.split.ChunkSplit;
import io.simmim.schemas.UserError;
import java.util.List;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.runtime.execution.SuppressRestartsException;

/**
 * Ends the job when it starts, without a restart. Stands for an enumerator that must not be
 * restored: see {@link ChunkEnumeratorState.Unreadable} for why restoring does not fail itself.
 */
public final class RefusingEnumerator implements SplitEnumerator<ChunkSplit, ChunkEnumeratorState> {
  private final ChunkEnumeratorState state;
  private final String reason;

  /**
   * Refuses a state.
   *
   * @param reason one line for people
   */
  public RefusingEnumerator(ChunkEnumeratorState state, String reason) {
    this.state = state;
    this.reason = reason;
  }

  @Override
  public void start() {
    throw new SuppressRestartsException(new UserError(reason));
  }

  @Override
  public void handleSplitRequest(int subtaskId, String requesterHostname) {
    // The job is ending.
  }

  @Override
  public void addSplitsBack(List<ChunkSplit> splits, int subtaskId) {
    // The job is ending.
  }

  @Override
  public void addReader(int subtaskId) {
    // The job is ending.
  }

  @Override
  public ChunkEnumeratorState snapshotState(long checkpointId) {
    return state;
  }

  @Override
  public void close() {
    // Holds nothing.
  }
}

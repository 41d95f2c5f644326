package io.simmim.trainer.operator.failure;

import io.simmim.schemas.UserError;
import java.io.Serializable;
import java.util.Objects;
import java.util.Optional;
import org.apache.flink.runtime.execution.SuppressRestartsException;

/**
 * What a task fails with when a restart of its job would fail again, since the GPU is too small or
 * lost.
 *
 * @param loss what ends when the process cannot use its GPU any more
 */
public record GpuFailures(GpuLoss loss) implements Serializable {
  public GpuFailures {
    Objects.requireNonNull(loss, "loss");
  }

  /**
   * Throws what ends the job if the GPU had not enough memory.
   *
   * @param what there was no memory for; it would not fit the next time either
   * @param remedy what needs less
   * @param cause whatever failed
   */
  public void raiseIfTooSmall(String what, String remedy, Throwable cause)
      throws SuppressRestartsException {
    Optional<String> memory = TorchFailure.outOfMemory(cause);
    if (memory.isPresent()) {
      throw new SuppressRestartsException(
          new UserError(
              "the GPU has not enough memory for %s (%s); %s".formatted(what, memory.get(), remedy),
              cause));
    }
  }

  /**
   * Throws what ends the job or the process if the GPU is lost.
   *
   * @param when it failed, such as "in step 3"
   * @param cause whatever failed
   */
  public void raiseIfLost(String when, Throwable cause) throws SuppressRestartsException {
    Optional<String> lost = TorchFailure.lost(cause);
    if (lost.isEmpty()) {
      return;
    }
    String line =
        "the GPU failed %s (%s), and this process cannot use it any more"
            .formatted(when, lost.get());
    switch (loss) {
      case ENDS_PROCESS ->
          // Flink ends a process that has this: its restart strategy knows no other way.
          throw new InternalError(line, cause);
      case ENDS_JOB ->
          throw new SuppressRestartsException(
              new UserError(line + "; the same command continues", cause));
    }
  }
}

package io.simmim.pipeline.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchException;

import io.simmim.pipeline.job.told.FailureLine;
import io.simmim.pipeline.run.RunSize;
import io.simmim.pipeline.run.folder.RestorePoint;
import io.simmim.pipeline.run.folder.RunFolder;
import io.simmim.pipeline.run.folder.StoredPoint;
import io.simmim.schemas.checkpoint.DamagedCheckpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.client.program.ProgramInvocationException;
import org.apache.flink.runtime.client.JobExecutionException;
import org.apache.flink.runtime.jobmaster.JobResult;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunLinesTest {
  private static final String DAMAGED = DamagedCheckpoint.error("a chunk").getMessage();

  @TempDir private Path output;
  private RunFolder folder;

  @BeforeEach
  void open() {
    folder = RunFolder.open(output.toString());
  }

  private Path point(int number) throws IOException {
    return StoredPoint.write(
        output.resolve("checkpoints/%s/chk-%d".formatted("1".repeat(32), number)), 1000L * number);
  }

  @Test
  void nameTheNewestGoodCheckpointBesidesOneWhoseContentIsDamaged() throws IOException {
    Path good = point(1);
    Files.delete(point(2).resolve("state"));
    point(3);
    List<RestorePoint> points = RestorePoint.all(folder);

    assertThat(RunLines.afterwards(DAMAGED, Optional.of(points.get(0)), folder))
        .hasValue("the newest good checkpoint besides it: --resume " + good);
    assertThat(RunLines.afterwards(DAMAGED, Optional.of(points.get(2)), folder))
        .hasValue(
            "the newest good checkpoint besides it: --resume "
                + output.resolve(points.get(0).path().getPath()));
    assertThat(RunLines.afterwards("another failure", Optional.of(points.get(0)), folder))
        .isEmpty();
  }

  @Test
  void sayHowManyCheckpointsAClusterKeeps() {
    RunSize size = new RunSize(9, 0, 0, 2_000_000, 0, 2);

    assertThat(RunLines.size(size, 2)).containsExactly("a checkpoint has 2.0 MB, 2 are kept");
    assertThat(RunLines.size(size, 1))
        .containsExactly(
            "a checkpoint has 2.0 MB, 1 is kept",
            "checkpoint.retained is 2, but on a cluster execution.checkpointing.num-retained in the"
                + " JobManager's configuration counts: 1");
    assertThat(RunLines.size(size, 3)).containsExactly("a checkpoint has 2.0 MB, 3 are kept");
  }

  /** To Flink's client that is a failure. */
  @Test
  void sayThatAJobWasCancelledAndHowItGoesOn() throws IOException {
    Path newest = point(1);
    JobResult result =
        new JobResult.Builder()
            .jobId(new JobID())
            .jobStatus(JobStatus.CANCELED)
            .netRuntime(1)
            .build();
    Exception cancelled =
        catchException(() -> result.toJobExecutionResult(getClass().getClassLoader()));

    Exception told = RunLines.ifCancelled(new ProgramInvocationException("", cancelled), folder);

    assertThat(RunLines.isCancelled(told)).isTrue();
    assertThat(told).isInstanceOf(JobExecutionException.class);
    assertThat(FailureLine.userError(told))
        .hasValue(
            "the job was cancelled; the same command continues: what came after the newest"
                + " checkpoint, %s, is done again".formatted(newest));
    Exception failed = new JobExecutionException(new JobID(), "failed");
    assertThat(RunLines.isCancelled(failed)).isFalse();
    assertThat(RunLines.ifCancelled(failed, folder)).isSameAs(failed);
  }

  @Test
  void sayThatThereIsNoOtherCheckpoint() throws IOException {
    point(1);

    assertThat(RunLines.afterwards(DAMAGED, RestorePoint.all(folder).stream().findFirst(), folder))
        .hasValue("there is no good checkpoint besides it: --resume none starts over");
  }
}

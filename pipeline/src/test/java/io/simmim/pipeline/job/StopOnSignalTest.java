package io.simmim.pipeline.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.apache.flink.api.common.JobID;
import org.apache.flink.runtime.scheduler.stopwithsavepoint.StopWithSavepointStoppingException;
import org.junit.jupiter.api.Test;

class StopOnSignalTest {
  @Test
  void findsTheSavepointOfAJobThatFailedWhileItStopped() {
    Exception stopping =
        new StopWithSavepointStoppingException("file:/run/savepoints/savepoint-1", new JobID());

    assertThat(StopOnSignal.savepointOf(new ExecutionException(stopping)))
        .contains("file:/run/savepoints/savepoint-1");
    assertThat(StopOnSignal.savepointOf(new TimeoutException())).isEmpty();
  }
}

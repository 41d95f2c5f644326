package io.simmim.pipeline.job.settings;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.schemas.UserError;
import java.util.List;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.DeploymentOptions;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.configuration.JobManagerOptions.SchedulerType;
import org.apache.flink.configuration.SchedulerExecutionMode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FlinkSettingsTest {
  @ParameterizedTest
  @ValueSource(strings = {"2.1.3", "1.20.5", "1.20-SNAPSHOT"})
  void refusesAFlinkThatIsTooOld(String version) {
    assertThatThrownBy(() -> FlinkSettings.requireVersion(version))
        .isInstanceOf(UserError.class)
        .hasMessage("Flink must be 2.2 or newer: " + version);
  }

  @ParameterizedTest
  @ValueSource(strings = {"2.2.0", "2.3.0", "2.10.1", "3.0.0", "2.3-vendor1", "<unknown>", ""})
  void takesOthers(String version) {
    assertThatCode(() -> FlinkSettings.requireVersion(version)).doesNotThrowAnyException();
  }

  @Test
  void refusesAClusterWhoseJobsMaySetNothing() {
    Configuration told = new Configuration();
    told.set(DeploymentOptions.PROGRAM_CONFIG_ENABLED, false);

    assertThatThrownBy(() -> FlinkSettings.requireOwnSettings(told))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "execution.program-config.enabled must be true, since the job sets what correctness"
                + " needs: false");

    told.set(DeploymentOptions.PROGRAM_CONFIG_WILDCARDS, List.of("execution.runtime-mode"));
    assertThatCode(() -> FlinkSettings.requireOwnSettings(told)).doesNotThrowAnyException();
    assertThatCode(() -> FlinkSettings.requireOwnSettings(new Configuration()))
        .doesNotThrowAnyException();
  }

  @Test
  void refusesSchedulersThatWouldFailAtTheJob() {
    Configuration reactive = new Configuration();
    reactive.set(JobManagerOptions.SCHEDULER_MODE, SchedulerExecutionMode.REACTIVE);
    Configuration batch = new Configuration();
    batch.set(JobManagerOptions.SCHEDULER, SchedulerType.AdaptiveBatch);
    Configuration adaptive = new Configuration();
    adaptive.set(JobManagerOptions.SCHEDULER, SchedulerType.Adaptive);

    assertThatThrownBy(() -> FlinkSettings.requireScheduler(reactive))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "scheduler-mode must not be reactive, which has several tasks write each file (allowed:"
                + " jobmanager.scheduler Default or Adaptive)");
    assertThatThrownBy(() -> FlinkSettings.requireScheduler(batch))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "jobmanager.scheduler must be Default or Adaptive, since this is no batch job:"
                + " AdaptiveBatch");
    assertThatCode(() -> FlinkSettings.requireScheduler(adaptive)).doesNotThrowAnyException();
    assertThatCode(() -> FlinkSettings.requireScheduler(new Configuration()))
        .doesNotThrowAnyException();
  }
}

package io.simmim.pipeline.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.operators.source.fetch.FetchConfig;
import io.simmim.pipeline.config.FlinkOptions;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.Test;

class LocalFileSystemsTest {
  @Test
  void connectionsSufficeForAllReaders() {
    Map<String, String> settings =
        LocalFileSystems.settings(new FlinkOptions(Map.of()), FetchConfig.defaults(), 8).toMap();

    assertThat(settings)
        .containsEntry("s3.connection.maximum", "160")
        .containsEntry("s3.attempts.maximum", "4");
  }

  @Test
  void whatTheUserSetStaysUnderAnyPrefix() {
    Map<String, String> settings =
        LocalFileSystems.settings(
                new FlinkOptions(
                    Map.of(
                        "fs.s3a.attempts.maximum", "9",
                        "s3.retry.limit", "8",
                        "s3.endpoint", "http://minio:9000")),
                FetchConfig.defaults(),
                1)
            .toMap();

    assertThat(settings)
        .containsEntry("fs.s3a.attempts.maximum", "9")
        .doesNotContainKey("s3.attempts.maximum")
        .containsEntry("s3.retry.limit", "8")
        .containsEntry("s3.endpoint", "http://minio:9000");
  }

  @Test
  void flinkIsNotToldSecrets() {
    Configuration told =
        LocalFileSystems.withoutSecrets(
            new FlinkOptions(
                Map.of(
                    "s3.endpoint", "http://minio:9000",
                    "s3.access-key", "AKIA",
                    "s3.secret.key", "5ecret",
                    "fs.azure.account.key.me.blob.core.windows.net", "5ecret")));

    assertThat(told.toMap()).containsExactly(Map.entry("s3.endpoint", "http://minio:9000"));
  }
}

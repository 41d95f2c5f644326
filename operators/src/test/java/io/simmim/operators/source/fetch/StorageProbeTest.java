package io.simmim.operators.source.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class StorageProbeTest {
  @Test
  void asksForTheBucketOfAPrefixAndForAFolder() {
    assertThat(
            StorageProbe.places(
                List.of(
                    "s3://photos/2026", "s3://photos/2025", "gs://p/x", "file:/d/x", "hdfs://n/d")))
        .containsExactly("s3://photos/", "gs://p/", "file:/d/x", "hdfs://n/d");
  }
}

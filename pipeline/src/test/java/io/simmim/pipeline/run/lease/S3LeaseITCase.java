package io.simmim.pipeline.run.lease;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.pipeline.s3.S3Files;
import io.simmim.pipeline.s3.S3Server;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.flink.core.fs.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class S3LeaseITCase {
  private static final int READS = 300;

  @TempDir java.nio.file.Path work;

  @Test
  void isReadWhileItIsWritten() throws Exception {
    try (S3Server server = S3Server.start(work)) {
      S3Files.connect(server);
      Path file = new Path("s3://" + S3Server.BUCKET + "/run.lock");
      LeaseRecord record =
          new LeaseRecord(
              "me", "it", 0, "here", Optional.empty(), false, false, Instant.EPOCH, false);
      record.write(file);
      AtomicBoolean enough = new AtomicBoolean();
      CompletableFuture<Void> writer =
          CompletableFuture.runAsync(() -> write(record, file, enough));
      try {
        for (int i = 0; i < READS; i++) {
          assertThat(LeaseRecord.read(file).orElseThrow().owner()).isEqualTo("me");
        }
      } finally {
        enough.set(true);
        writer.get();
      }
    }
  }

  private static void write(LeaseRecord record, Path file, AtomicBoolean enough) {
    try {
      for (long renewals = 1; !enough.get(); renewals++) {
        record.withRenewals(renewals).write(file);
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}

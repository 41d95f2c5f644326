package io.simmim.pipeline.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.operators.arrival.Arrival;
import io.simmim.operators.arrival.ArrivalSequence;
import io.simmim.operators.arrival.ArrivedObject;
import io.simmim.operators.arrival.log.ArrivalLog;
import io.simmim.operators.arrival.log.ArrivalLogFiles;
import io.simmim.operators.arrival.log.ArrivalLogHeader;
import io.simmim.operators.arrival.log.StoredArrivals;
import io.simmim.pipeline.config.ConfigLoader;
import io.simmim.pipeline.files.BrittleFileSystem;
import io.simmim.pipeline.run.folder.NewestPart;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A continuous run that goes on while somebody looks at its images. */
class StoredImagesTest {
  @TempDir private Path output;
  private final ArrivalSequence sequence =
      new ArrivalSequence(ArrivalLog.begin(new ArrivalLogHeader(7, 0.5, 4, 2)));
  private ArrivalLogFiles files;

  @BeforeEach
  void begin() throws IOException {
    files =
        ArrivalLogFiles.begin(
            new org.apache.flink.core.fs.Path(output.resolve("arrivals").toUri()), sequence.log());
    arrive("a.jpg", 1);
    ContinuousCheckpoints.write(output.resolve("checkpoints/job/chk-1"), 0, 1_000);
  }

  @AfterEach
  void heal() {
    BrittleFileSystem.heal();
  }

  private void arrive(String name, long checkpoint) throws IOException {
    sequence.accept(
        ArrivedObject.plain(
            new Arrival(Arrival.Kind.CREATED, "file:/photos/" + name, 5, "l:5", 1, "listing")));
    files.write(checkpoint);
    files.completed(checkpoint);
  }

  private StoredImages read() {
    return StoredImages.read("oss:" + output, new ConfigLoader().load().config());
  }

  @Test
  void takesTheNextCheckpointIfOneGoesWhileItIsRead() throws IOException {
    AtomicInteger opened = new AtomicInteger();
    BrittleFileSystem.beforeOpens(
        file -> {
          boolean isFirst = file.getParent().getName().equals("chk-1");
          if (isFirst && opened.incrementAndGet() == 2) { // all were put into their order
            Path job = output.resolve("checkpoints/job");
            Files.move(job.resolve("chk-1"), job.resolve("chk-2"));
          }
        });

    assertThat(read().log().orElseThrow().size()).isEqualTo(1);
    assertThat(output.resolve("checkpoints/job/chk-2")).exists();
  }

  @Test
  void takesTheLongerLogIfAFileGoesWhileItIsRead() throws IOException {
    growWhileItIsRead();

    assertThat(read().log().orElseThrow().size()).isEqualTo(2);
  }

  @Test
  void addsUpTheLongerLogIfAFileGoesWhileItIsRead() throws IOException {
    growWhileItIsRead();
    org.apache.flink.core.fs.Path log =
        new org.apache.flink.core.fs.Path("oss:" + output + "/arrivals");

    assertThat(NewestPart.read(() -> StoredArrivals.newest(log, () -> image -> {})).images())
        .isEqualTo(2);
  }

  private void growWhileItIsRead() {
    AtomicInteger opened = new AtomicInteger();
    BrittleFileSystem.beforeOpens(
        file -> {
          if (file.getParent().getName().equals("arrivals") && opened.getAndIncrement() == 0) {
            arrive("b.jpg", 2);
          }
        });
  }
}

package io.simmim.pipeline.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.pipeline.run.folder.RestorePoint;
import io.simmim.pipeline.run.folder.RunFolder;
import io.simmim.pipeline.run.folder.StoredPoint;
import io.simmim.schemas.checkpoint.DamagedCheckpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
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
  void sayThatThereIsNoOtherCheckpoint() throws IOException {
    point(1);

    assertThat(RunLines.afterwards(DAMAGED, RestorePoint.all(folder).stream().findFirst(), folder))
        .hasValue("there is no good checkpoint besides it: --resume none starts over");
  }
}

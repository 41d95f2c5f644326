package io.simmim.pipeline.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.pipeline.run.folder.RestorePoint;
import io.simmim.pipeline.run.folder.RunFolder;
import io.simmim.schemas.checkpoint.Reached;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.commons.io.FileUtils;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LostStepsTest {
  private static final Path STORED = Path.of("src/test/resources/savepoints/3/run/savepoints");

  @TempDir private Path output;
  private RunFolder folder;

  @BeforeEach
  void openFolder() {
    folder = RunFolder.open(output.toString());
  }

  @Test
  void tellsWhichStepsAreTakenAgain() throws IOException {
    FileUtils.copyDirectory(STORED.toFile(), output.resolve("savepoints").toFile());
    RestorePoint point = RestorePoint.all(folder).get(0);
    long saved = point.steps();
    String path = RunFolder.readable(point.path());

    assertThat(lost(saved + 3).line())
        .isEqualTo(
            "steps %d to %d, after the newest checkpoint, %s, are taken again",
            saved + 1, saved + 3, path);
    assertThat(lost(saved).line())
        .isEqualTo("the newest checkpoint, %s, has all %d complete steps", path, saved);
    assertThat(new LostSteps(folder, Optional.empty()).line())
        .isEqualTo("what came after the newest checkpoint, %s, is done again", path);
  }

  @Test
  void tellsThatThereIsNoCheckpoint() {
    assertThat(lost(0).line()).isEqualTo("no step is complete yet");
    assertThat(lost(3).line()).isEqualTo("there is no checkpoint yet, so everything is done again");
  }

  @Test
  void tellsWhatItCannotRead() throws IOException {
    Files.createFile(output.resolve("savepoints"));

    assertThat(lost(3).line()).startsWith("what came after the newest checkpoint is done again (");
  }

  @Test
  void tellsWhetherAStepIsWhatIsWaitedFor() {
    assertThat(lost(0).reason(1000)).isEqualTo("step 1 takes longer");
    assertThat(lost(3).reason(1000))
        .as("if it was the last one, a sink is")
        .isEqualTo("what follows step 3 takes longer");
    assertThat(lost(3).reason(999)).as("it ended since").isEqualTo("the savepoint takes longer");
  }

  private LostSteps lost(long step) {
    return new LostSteps(folder, Optional.of(new Reached(step, 1000)));
  }
}

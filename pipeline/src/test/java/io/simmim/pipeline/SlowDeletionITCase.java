package io.simmim.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.pipeline.cli.InThisProcess;
import io.simmim.pipeline.command.Workload;
import io.simmim.pipeline.files.LingeringFiles;
import io.simmim.pipeline.output.RunOutput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A store that takes its time to delete. */
@Timeout(240)
class SlowDeletionITCase {
  @TempDir static Path work;

  @Test
  void leavesNoCheckpointsOfACompleteRunHoweverLongTheirDeletionTakes() throws IOException {
    Workload workload = Workload.prepare(work, 20);
    RunOutput output = new RunOutput(work.resolve("lingering"));
    List<String> arguments = new ArrayList<>(workload.pretrain(output));
    arguments.set(arguments.indexOf(output.path().toString()), LingeringFiles.uri(output.path()));

    InThisProcess.run(arguments).orFail();

    assertThat(output.checkpoints()).isNotEmpty();
    try (Stream<Path> files = Files.walk(output.path().resolve("checkpoints"))) {
      assertThat(files.filter(Files::isRegularFile)).isEmpty();
    }
  }
}

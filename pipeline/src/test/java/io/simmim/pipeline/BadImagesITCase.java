package io.simmim.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.pipeline.cli.InThisProcess;
import io.simmim.pipeline.command.Workload;
import io.simmim.pipeline.output.RunOutput;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Damaged and hostile files among the images are named once each and change nothing else. */
@Timeout(180)
class BadImagesITCase {
  private static final int EPOCHS = 8;

  @TempDir Path work;

  @Test
  void areNamedOnceAndLeaveTheOthersAlone() throws Exception {
    Workload workload = Workload.prepare(work, EPOCHS);
    Path bad = Files.createDirectories(workload.images().resolve("bad"));
    copyBadImages(bad);

    RunOutput output = new RunOutput(work.resolve("output"));
    InThisProcess.run(workload.pretrain(output)).orFail();

    List<String> names = output.rejected().stream().map(line -> line.split(": ", 2)[0]).toList();
    assertThat(names).doesNotHaveDuplicates();
    assertThat(names)
        .contains(
            "bomb_65535x65535.jpg",
            "empty.jpg",
            "not_a_jpeg.jpg",
            "truncated_header.jpg",
            "no-image.jpg",
            "nothing.jpg");
    assertThat(output.rejected()).allMatch(line -> line.length() < 300 && line.contains(": "));
    assertThat(output.lastStep()).isEqualTo((long) EPOCHS * Workload.STEPS_PER_EPOCH);

    // What is in an unusable file must not matter: empty files in their place give the same run.
    for (String name : names) {
      Path file = bad.resolve(name);
      if (Files.exists(file)) {
        Files.write(file, new byte[0]);
      }
    }
    RunOutput emptied = new RunOutput(work.resolve("emptied"));
    InThisProcess.run(workload.pretrain(emptied)).orFail();
    assertThat(emptied.rejected().stream().map(line -> line.split(": ", 2)[0]).toList())
        .isEqualTo(names);
    assertThat(emptied.metrics().stream().map(line -> line.required("loss")).toList())
        .isEqualTo(output.metrics().stream().map(line -> line.required("loss")).toList());
    assertThat(emptied.model()).hasSameBinaryContentAs(output.model());
  }

  private static void copyBadImages(Path target) throws IOException, URISyntaxException {
    Path source = Path.of(BadImagesITCase.class.getResource("/jpeg_bad").toURI());
    try (Stream<Path> files = Files.list(source)) {
      for (Path file : files.toList()) {
        Files.copy(file, target.resolve(file.getFileName().toString()));
      }
    }
  }
}

package io.simmim.pipeline.export;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.trainer.device.MicroBatch;
import io.simmim.trainer.inference.FrozenEncoder;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class ExportSourceTest {
  private static Path savepoint() throws IOException, URISyntaxException {
    Path run =
        Path.of(ExportSourceTest.class.getResource("/savepoints/1/run/run.json").toURI())
            .resolveSibling("savepoints");
    try (Stream<Path> folders = Files.list(run)) {
      return folders.findFirst().orElseThrow();
    }
  }

  @Test
  void takesTheWeightsOfASavepoint() throws Exception {
    Path unpacked;
    try (ExportSource source = ExportSource.find(savepoint().toString())) {
      unpacked = source.unpacked().orElseThrow();
      assertThat(source.model().imageSize()).isEqualTo(32);
      MicroBatch black = MicroBatch.normalised(32, 4, new float[3 * 32 * 32], new byte[16]);
      try (FrozenEncoder encoder = source.model().open("cpu")) {
        assertThat(encoder.features(black).tokens()).hasSize(65 * 24).doesNotContain(Float.NaN);
      }
    }
    assertThat(unpacked).doesNotExist();
  }
}

package io.simmim.pipeline.report.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.pipeline.run.folder.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoredPartsTest {
  @TempDir private Path output;

  @Test
  void listsModelsWithWeightsAndNothingElseOfTheirNames() throws IOException {
    Files.writeString(output.resolve("model"), "a file");
    Files.createDirectory(output.resolve("model-epoch-0001"));
    Path model = Files.createDirectory(output.resolve("model-epoch-0002"));
    Files.writeString(model.resolve("config.json"), "{}");
    Files.writeString(model.resolve("model.safetensors"), "weights");

    StoredParts parts = StoredParts.of(RunFolder.open(output.toString()));

    assertThat(parts.points()).isEmpty();
    assertThat(parts.models())
        .singleElement()
        .satisfies(
            part -> {
              assertThat(part.name()).isEqualTo("model-epoch-0002");
              assertThat(part.bytes()).isEqualTo("{}".length() + "weights".length());
            });
  }
}

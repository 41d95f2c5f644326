package io.simmim.pipeline.embed;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.pipeline.run.folder.RunFolder;
import io.simmim.schemas.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EmbedRecordTest {
  @TempDir private Path output;

  /** The first as a machine that loses its power leaves it. */
  @ParameterizedTest
  @ValueSource(strings = {"", "null", "[]", "\"x\"", "{"})
  void refusesWhatIsNoObject(String text) throws IOException {
    Files.writeString(output.resolve("embed.json"), text);

    assertThatThrownBy(() -> EmbedRecord.read(RunFolder.open(output.toString())))
        .isInstanceOf(UserError.class)
        .hasMessageEndingWith("/embed.json is damaged: delete the output, or name another one");
  }
}

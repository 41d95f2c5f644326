package io.simmim.schemas.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.schemas.UserError;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StorageUriTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "2024-05-01T10:20:30",
        "run 10:20/model",
        "under_score:x",
        ":x",
        "./a:b",
        "a/b:c",
        "a b#c?d%20e",
        "10:/x"
      })
  void whatCannotBeASchemeBelongsToThePath(String text) throws IOException {
    org.apache.flink.core.fs.Path path = StorageUri.path("output", text);

    assertThat(path.makeQualified(path.getFileSystem()).getPath())
        .isEqualTo(Path.of(text).toAbsolutePath().normalize().toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"/tmp/a:b/c", "file:/tmp/a:b", "s3://bucket/a:b/c", "run-10:/x"})
  void urisStayAsTheyAre(String text) {
    assertThat(StorageUri.path("output", text)).hasToString(text);
  }

  @Test
  void whatMayBeEitherIsRefusedWithTheWayOut() {
    assertThatThrownBy(() -> StorageUri.path("output", "run-10:20"))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "output must be a path or a URI such as s3://bucket/folder: run-10:20"
                + " (a path with a colon begins with /, or with ./ as ./run-10:20)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/C:\uFFFD+", "/C:x", "C:/x", "/./d:/x"})
  void whatFlinkTakesForADriveIsRefused(String text) {
    assertThatThrownBy(() -> StorageUri.path("output", text))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "output must not begin with a letter and a colon, which Flink takes for a drive of"
                + " Windows: "
                + text);
  }

  @Test
  void refusesCredentials() {
    assertThatThrownBy(() -> StorageUri.path("output", "s3://key:secret@bucket/x"))
        .isInstanceOf(UserError.class)
        .hasMessageNotContaining("secret");
  }
}

package io.simmim.schemas.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermission;
import org.apache.flink.core.fs.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalCopyTest {
  @TempDir private java.nio.file.Path folder;

  /** Others who use the machine see the folder for temporary files. */
  @Test
  void letsNobodyElseReadTheCopy() throws IOException {
    java.nio.file.Path file = Files.writeString(folder.resolve("weights"), "0123456789");
    java.nio.file.Path copied;
    try (LocalCopy copy = LocalCopy.of(new Path("elsewhere:" + file))) {
      copied = copy.path();
      assertThat(copied).isNotEqualTo(file).hasContent("0123456789");
      assertThat(Files.getPosixFilePermissions(copied))
          .containsExactlyInAnyOrder(
              PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
    }

    assertThat(copied).doesNotExist();
    assertThat(file).exists();
  }

  @Test
  void takesALocalFileAsItIs() throws IOException {
    java.nio.file.Path file = Files.writeString(folder.resolve("weights"), "0123456789");

    try (LocalCopy copy = LocalCopy.of(new Path("file:" + file))) {
      assertThat(copy.path()).isEqualTo(file);
    }

    assertThat(file).exists();
  }
}

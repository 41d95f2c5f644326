package io.simmim.schemas.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystemSafetyNet;
import org.apache.flink.core.fs.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderContentTest {
  @TempDir private java.nio.file.Path folder;

  @BeforeEach
  void files() throws IOException {
    for (String name : List.of("a", "10:20 #1?%41", "back\\slash")) {
      Files.writeString(folder.resolve(name), name);
    }
    Files.createDirectories(folder.resolve("day 2024:05"));
    Files.createSymbolicLink(folder.resolve("nowhere"), folder.resolve("gone"));
  }

  @Test
  void showsEveryNameThatFlinkCanOpen() throws IOException {
    assertThat(FolderContent.of(new Path(folder.toString())))
        .extracting(
            status -> status.getPath().toString(), FileStatus::isDir, FolderContentTest::length)
        .containsExactlyInAnyOrder(
            tuple("file:" + folder + "/a", false, 1L),
            tuple("file:" + folder + "/10:20 #1?%41", false, 12L),
            tuple("file:" + folder + "/day 2024:05", true, 0L));
  }

  private static long length(FileStatus status) {
    return status.isDir() ? 0 : status.getLen();
  }

  /** Where Flink wraps its file systems. */
  @Test
  void showsTheSameInATask() throws IOException {
    FileSystemSafetyNet.initializeSafetyNetForThread();
    try {
      assertThat(FolderContent.of(new Path(folder.toString()))).hasSize(3);
    } finally {
      FileSystemSafetyNet.closeSafetyNetAndGuardedResourcesForThread();
    }
  }

  @Test
  void isEmptyWhereThereIsNoFolder() throws IOException {
    assertThat(FolderContent.of(new Path(folder + "/none"))).isEmpty();
  }

  @Test
  void saysThatAFileIsNoFolder() throws IOException {
    Path file = new Path(Files.createFile(folder.resolve("shard.tar")).toUri());

    assertThatThrownBy(() -> FolderContent.of(file))
        .isInstanceOf(IOException.class)
        .hasMessage("%s is a file, not a folder", file);
  }
}

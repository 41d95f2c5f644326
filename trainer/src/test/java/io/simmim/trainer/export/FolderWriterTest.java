package io.simmim.trainer.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.simmim.schemas.storage.ForcedFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderWriterTest {
  @TempDir private Path folder;

  @Test
  void removesWhatAnEarlierExportLeftUnfinished() throws Exception {
    Files.writeString(folder.resolve(".model.inprogress.1"), "half");
    Files.writeString(folder.resolve("other"), "kept");

    FolderWriter.write(
        new org.apache.flink.core.fs.Path(folder.toUri()),
        Map.of("model", target -> target.write('m')));

    assertThat(folder)
        .isDirectoryContaining("glob:**/model")
        .isDirectoryContaining("glob:**/other");
    assertThat(folder.resolve(".model.inprogress.1")).doesNotExist();
  }

  @Test
  void aModelIsThereThoughNobodyCanLookForUnfinishedFiles() throws Exception {
    FolderWriter.write(UnlistedFiles.path(folder), Map.of("model", target -> target.write('m')));

    assertThat(folder.resolve("model")).hasContent("m");
  }

  /** A run is complete with its model, and its checkpoints are deleted then. */
  @Test
  void aFileIsOnDiskBeforeItAppears() throws Exception {
    Set<String> forced =
        ForcedFiles.during(
            folder,
            () ->
                FolderWriter.write(
                    new org.apache.flink.core.fs.Path(folder.toUri()),
                    Map.of("model", target -> target.write('m'))));

    assertThat(forced)
        .singleElement()
        .satisfies(path -> assertThat(path).startsWith(folder + "/.model.inprogress."));
  }

  @Test
  void aFailureIsToldThoughItsFilesCannotBeRemoved() {
    IOException full = new IOException("No space left on device");

    Throwable failure =
        catchThrowable(
            () ->
                FolderWriter.write(
                    UnlistedFiles.path(folder),
                    Map.of(
                        "model",
                        target -> {
                          throw full;
                        })));

    assertThat(failure).isSameAs(full);
    assertThat(failure.getSuppressed())
        .singleElement()
        .hasToString("java.io.IOException: listing is refused");
  }
}

package io.simmim.trainer.export;

import io.simmim.schemas.storage.FolderContent;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Models between epochs that are not to be kept any more. Without that a run that does not end
 * fills its output.
 */
final class OldExports {
  private static final Logger LOG = LoggerFactory.getLogger(OldExports.class);

  private OldExports() {}

  /**
   * Deletes models of earlier epochs. What cannot be deleted is logged; it is tried again with the
   * next export. Models of later epochs, which a run leaves that goes back to an older checkpoint,
   * are not touched.
   *
   * @param newest the one that was just written
   * @param retained so many stay, the newest included
   */
  static void delete(Path newest, int retained) {
    try {
      FileSystem files = newest.getFileSystem();
      for (Path old : upTo(newest).stream().skip(retained).toList()) {
        files.delete(old, true);
        LOG.info("deleted {}, as export.retained is {}", old, retained);
      }
    } catch (IOException e) {
      LOG.warn("cannot delete exports before {}: {}", newest, e.toString());
    }
  }

  /** Newest first. */
  private static List<Path> upTo(Path newest) throws IOException {
    long last = ModelPaths.epochsOf(newest.getName()).orElseThrow();
    List<Path> exports = new ArrayList<>();
    for (FileStatus status : FolderContent.of(newest.getParent())) {
      OptionalLong epochs = ModelPaths.epochsOf(status.getPath().getName());
      if (status.isDir() && epochs.isPresent() && epochs.getAsLong() <= last) {
        exports.add(status.getPath());
      }
    }
    exports.sort(
        Comparator.comparingLong((Path path) -> ModelPaths.epochsOf(path.getName()).orElseThrow())
            .reversed());
    return exports;
  }
}

package io.simmim.pipeline.job;

import io.simmim.schemas.FolderContent;
import io.simmim.schemas.WholeFile;
import java.io.IOException;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What killed processes leave in an output: checkpoints and savepoints that were never completed,
 * folders of jobs without any, and files that were about to be renamed. Without that each kill
 * would add some, and each start would look at all of them. To be deleted by whoever has the lease,
 * while no job runs.
 */
final class Leftovers {
  private static final Logger LOG = LoggerFactory.getLogger(Leftovers.class);

  private final RunFolder folder;
  private final FileSystem files;

  private Leftovers(RunFolder folder) {
    this.folder = folder;
    this.files = folder.files();
  }

  /** Deletes them; what cannot be deleted is logged and stays. */
  static void delete(RunFolder folder) {
    try {
      Leftovers leftovers = new Leftovers(folder);
      for (Path job : folder.folders(folder.checkpoints())) {
        leftovers.deleteUnlessComplete(job);
      }
      leftovers.deleteIncomplete(folder.savepoints());
      leftovers.deleteTemporary(folder.root());
      leftovers.deleteTemporary(folder.arrivals());
    } catch (IOException e) {
      LOG.warn("cannot clean up {}: {}", folder.root(), e.toString());
    }
  }

  private void deleteUnlessComplete(Path job) throws IOException {
    if (deleteIncomplete(job) == 0) {
      delete(job);
    }
  }

  /** Returns how many there are that are complete. */
  private int deleteIncomplete(Path parent) throws IOException {
    int complete = 0;
    for (Path point : folder.folders(parent)) {
      String name = point.getName();
      if (!name.startsWith("chk-") && !name.startsWith("savepoint-")) {
        continue; // of Flink's, or the user's
      }
      if (RunFolder.exists(files, new Path(point, RestorePoint.METADATA))) {
        complete++;
      } else {
        delete(point);
      }
    }
    return complete;
  }

  private void deleteTemporary(Path parent) throws IOException {
    if (WholeFile.replacesAtOnce(files)) {
      return; // there are none
    }
    for (FileStatus child : FolderContent.of(parent)) {
      if (!child.isDir() && WholeFile.isTemporary(child.getPath().getName())) {
        delete(child.getPath());
      }
    }
  }

  private void delete(Path path) throws IOException {
    files.delete(path, true);
    LOG.info("deleted {}, which was left behind", path);
  }
}

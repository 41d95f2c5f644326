package io.simmim.pipeline.run.folder;

import io.simmim.schemas.storage.FolderContent;
import io.simmim.schemas.storage.WholeFile;
import io.simmim.trainer.export.ModelCopies;
import java.io.IOException;
import java.util.Set;
import java.util.regex.Pattern;
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
public final class Leftovers {
  private static final Logger LOG = LoggerFactory.getLogger(Leftovers.class);

  /** As Flink names them; everything else is the user's. */
  private static final Pattern JOB = Pattern.compile("[0-9a-f]{32}");

  private static final Pattern POINT =
      Pattern.compile("chk-[0-9]+|savepoint-[0-9a-f]{6}-[0-9a-f]{12}");
  private static final Set<String> OF_ALL_POINTS = Set.of("shared", "taskowned");

  private final RunFolder folder;
  private final FileSystem files;

  private Leftovers(RunFolder folder) {
    this.folder = folder;
    this.files = folder.files();
  }

  /** Deletes them; what cannot be deleted is logged and stays. */
  public static void delete(RunFolder folder) {
    try {
      Leftovers leftovers = new Leftovers(folder);
      for (Path job : folder.folders(folder.checkpoints())) {
        if (JOB.matcher(job.getName()).matches()) {
          leftovers.deleteIncomplete(job);
          leftovers.deleteIfNothingIsLeft(job);
        }
      }
      leftovers.deleteIncomplete(folder.savepoints());
      leftovers.deleteTemporary(folder.root());
      leftovers.deleteTemporary(folder.arrivals());
      leftovers.deleteTemporary(folder.watched());
      leftovers.deleteTemporary(folder.pictures());
      leftovers.deleteTemporary(folder.events());
      leftovers.deleteTemporary(folder.validationEvents());
      leftovers.deleteTemporary(folder.watchedEvents());
      leftovers.deleteTemporary(folder.histogramEvents());
      leftovers.deleteTemporary(new Path(folder.root(), ModelCopies.FOLDER));
    } catch (IOException e) {
      LOG.warn("cannot clean up {}: {}", folder.root(), e.toString());
    }
  }

  private void deleteIncomplete(Path parent) throws IOException {
    for (Path point : folder.folders(parent)) {
      if (POINT.matcher(point.getName()).matches()
          && !RunFolder.exists(files, new Path(point, RestorePoint.METADATA))) {
        delete(point);
      }
    }
  }

  /** What Flink keeps besides is of points that are not there any more. */
  private void deleteIfNothingIsLeft(Path job) throws IOException {
    for (FileStatus child : FolderContent.of(job)) {
      if (!child.isDir() || !OF_ALL_POINTS.contains(child.getPath().getName())) {
        return;
      }
    }
    delete(job);
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

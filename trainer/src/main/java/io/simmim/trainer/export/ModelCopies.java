package io.simmim.trainer.export;

import io.simmim.schemas.storage.FolderContent;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.OptionalLong;
import java.util.function.LongPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies of the model in the output of a run, a folder for each step, that lie there until somebody
 * has looked at them. At most {@value #MOST} lie there: whoever looks may be slower than the
 * training for long, and must not fill the storage.
 */
public final class ModelCopies {
  /** Folder below the output. */
  public static final String FOLDER = "beside";

  /** So many wait at most. */
  public static final int MOST = 16;

  private static final Logger LOG = LoggerFactory.getLogger(ModelCopies.class);
  private static final Pattern NAME = Pattern.compile("step-([0-9]{1,18})");

  private final Path root;

  /**
   * @param root the folder below the output
   */
  ModelCopies(Path root) {
    this.root = root;
  }

  /**
   * Those of a run.
   *
   * @param output folder of the run
   */
  public static ModelCopies of(String output) {
    return new ModelCopies(new Path(new Path(output), FOLDER));
  }

  /** Folder of the copy after a step. */
  public Path folder(long step) {
    return new Path(root, "step-" + step);
  }

  /** Whether a copy is there as a whole. */
  public boolean isWhole(long step) throws IOException {
    Path weights = new Path(folder(step), ModelPaths.WEIGHTS);
    try {
      weights.getFileSystem().getFileStatus(weights);
      return true;
    } catch (FileNotFoundException e) {
      return false;
    }
  }

  /** Whether anybody has still to look at one. */
  public boolean areWaiting() throws IOException {
    return count(step -> true) > 0;
  }

  private long count(LongPredicate counted) throws IOException {
    long count = 0;
    for (FileStatus child : FolderContent.of(root)) {
      OptionalLong step = step(child);
      count += step.isPresent() && counted.test(step.getAsLong()) ? 1 : 0;
    }
    return count;
  }

  private static OptionalLong step(FileStatus child) {
    Matcher matcher = NAME.matcher(child.getPath().getName());
    return child.isDir() && matcher.matches()
        ? OptionalLong.of(Long.parseLong(matcher.group(1)))
        : OptionalLong.empty();
  }

  /**
   * Refuses one more where too many wait.
   *
   * @param step of the one more
   * @throws IOException that says how many there are
   */
  void requireRoom(long step) throws IOException {
    long waiting = count(other -> other != step);
    if (waiting >= MOST) {
      throw new IOException(
          "%d copies wait to be looked at already; pictures.every-steps or eval.every-epochs is too small for this machine"
              .formatted(waiting));
    }
  }

  /** Deletes those of later steps; what cannot be deleted is logged. */
  public void deleteAfter(long step) {
    delete(other -> other > step);
  }

  /** Deletes those of a step and of earlier ones; what cannot be deleted is logged. */
  public void deleteThrough(long step) {
    delete(other -> other <= step);
  }

  private void delete(LongPredicate deleted) {
    try {
      for (FileStatus child : FolderContent.of(root)) {
        OptionalLong step = step(child);
        if (step.isPresent() && deleted.test(step.getAsLong())) {
          child.getPath().getFileSystem().delete(child.getPath(), true);
        }
      }
    } catch (IOException e) {
      LOG.warn("cannot delete copies of the model in {}: {}", root, e.toString());
    }
  }
}

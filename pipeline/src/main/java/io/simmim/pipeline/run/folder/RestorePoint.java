package io.simmim.pipeline.run.folder;

import static io.simmim.pipeline.run.folder.RunFolder.readable;

import io.simmim.operators.source.SourceCheckpoint;
import io.simmim.schemas.UserError;
import io.simmim.schemas.storage.StorageUri;
import io.simmim.trainer.operator.StoredTraining;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A completed checkpoint or savepoint that a run can continue from.
 *
 * @param path its folder
 * @param completed when its metadata was written, milliseconds since 1970
 * @param savepoint whether it belongs to the user rather than to Flink
 */
public record RestorePoint(Path path, long completed, boolean savepoint) {
  private static final Logger LOG = LoggerFactory.getLogger(RestorePoint.class);
  static final String METADATA = "_metadata";

  /**
   * Finds the newest one of a run. Folders without metadata were never completed and do not count.
   *
   * @throws UserError if the newest one is damaged: names it, what is wrong, and the newest good
   *     one, because going back further loses work and is the user's decision
   */
  public static Optional<RestorePoint> latest(RunFolder folder) {
    List<RestorePoint> points = all(folder);
    if (points.isEmpty()) {
      return Optional.empty();
    }
    RestorePoint newest = points.get(0);
    Optional<String> damage = newest.damage();
    if (damage.isEmpty()) {
      return Optional.of(newest);
    }
    String hint =
        newestGood(points.stream().skip(1))
            .map(good -> "the newest good one is older: --resume " + readable(good.path()))
            .orElse("there is no other one: --resume none starts over");
    throw new UserError(
        "the newest checkpoint is damaged: %s (%s); %s"
            .formatted(readable(newest.path()), damage.get(), hint));
  }

  /** For people: where a run goes on instead of from a damaged point. */
  public static String insteadOf(Optional<RestorePoint> damaged, RunFolder folder) {
    return newestGood(
            all(folder).stream()
                .filter(point -> damaged.filter(it -> it.path.equals(point.path)).isEmpty()))
        .map(good -> "the newest good checkpoint besides it: --resume " + readable(good.path()))
        .orElse("there is no good checkpoint besides it: --resume none starts over");
  }

  /** The newest one of a run in which no damage is seen. */
  static Optional<RestorePoint> newestGood(RunFolder folder) {
    return newestGood(all(folder).stream());
  }

  private static Optional<RestorePoint> newestGood(Stream<RestorePoint> points) {
    return points.filter(point -> point.damage().isEmpty()).findFirst();
  }

  /**
   * The one that the user named.
   *
   * @throws UserError if there is none, or it is damaged
   */
  public static RestorePoint at(String uri) {
    return at("--resume", "must be latest, none, or the folder of a checkpoint or savepoint", uri);
  }

  /**
   * The one that the user named by another option, which takes nothing else.
   *
   * @throws UserError if there is none, or it is damaged
   */
  public static RestorePoint at(String option, String uri) {
    return at(option, "must be the folder of a checkpoint or savepoint", uri);
  }

  private static RestorePoint at(String option, String allowed, String uri) {
    try {
      Path path = StorageUri.path(option, uri);
      FileSystem files = path.getFileSystem();
      Path folder = path.makeQualified(files);
      if (METADATA.equals(folder.getName())) {
        folder = folder.getParent();
      }
      FileStatus metadata = files.getFileStatus(new Path(folder, METADATA));
      RestorePoint point = new RestorePoint(folder, metadata.getModificationTime(), true);
      Optional<String> damage = point.damage();
      if (damage.isPresent()) {
        throw new UserError(
            "the checkpoint is damaged: %s (%s)".formatted(readable(point.path()), damage.get()));
      }
      return point;
    } catch (FileNotFoundException e) {
      throw new UserError("%s %s: %s".formatted(option, allowed, uri), e);
    } catch (IOException | IllegalArgumentException e) {
      throw new UserError("cannot read checkpoint %s: %s".formatted(uri, e.getMessage()), e);
    }
  }

  /** All completed ones of a run, newest first. */
  public static List<RestorePoint> all(RunFolder folder) {
    return order(folder).newestFirst();
  }

  /** The number of the next start of the job in an output, which its checkpoints are to tell. */
  public static long nextStart(RunFolder folder) {
    return order(folder).latestStart() + 1;
  }

  private static PointOrder order(RunFolder folder) {
    PointOrder order = new PointOrder();
    for (Path job : folder.folders(folder.checkpoints())) {
      order.addOfJob(
          folder.folders(job).stream()
              .flatMap(path -> find(folder, path, false).stream())
              .toList());
    }
    folder
        .folders(folder.savepoints())
        .forEach(path -> find(folder, path, true).ifPresent(order::add));
    return order;
  }

  /**
   * Deletes the oldest checkpoints of a run, which Flink leaves behind when a run is killed and
   * continued. Savepoints stay.
   *
   * @param retained so many checkpoints stay
   * @param used stays in any case
   */
  public static void deleteOldCheckpoints(
      RunFolder folder, int retained, Optional<RestorePoint> used) {
    List<RestorePoint> old =
        all(folder).stream()
            .filter(point -> !point.savepoint)
            .skip(retained)
            .filter(point -> used.filter(it -> it.path.equals(point.path)).isEmpty())
            .toList();
    for (RestorePoint point : old) {
      try {
        folder.files().delete(point.path, true);
        LOG.info("Deleted the old checkpoint {}", point.path);
      } catch (IOException e) {
        LOG.warn("Cannot delete the old checkpoint {}", point.path, e);
      }
    }
  }

  private static Optional<RestorePoint> find(RunFolder run, Path path, boolean savepoint) {
    try {
      FileStatus metadata = run.files().getFileStatus(new Path(path, METADATA));
      return Optional.of(new RestorePoint(path, metadata.getModificationTime(), savepoint));
    } catch (FileNotFoundException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UserError("cannot read checkpoint %s: %s".formatted(path, e.getMessage()), e);
    }
  }

  /** That of a checkpoint, as its folder is named; 0 of a savepoint. */
  long number() {
    String name = path.getName();
    return name.matches("chk-[0-9]{1,18}") ? Long.parseLong(name.substring(4)) : 0;
  }

  /**
   * What it says of the images.
   *
   * @throws UserError if that cannot be read
   */
  public SourceCheckpoint source() {
    return states().source();
  }

  /** Whether a folder is that of a completed checkpoint or savepoint, or its metadata. */
  public static boolean isAt(Path path) throws IOException {
    FileSystem files = path.getFileSystem();
    return METADATA.equals(path.getName()) || RunFolder.exists(files, new Path(path, METADATA));
  }

  /**
   * What it says of training.
   *
   * @return to be closed
   * @throws UserError if that cannot be read
   */
  public StoredTraining training() {
    return states().training();
  }

  /**
   * How many steps of training are complete in it.
   *
   * @throws UserError if that cannot be read
   */
  public long steps() {
    return states().steps();
  }

  private PointStates states() {
    return new PointStates(path);
  }

  /**
   * What is wrong with it: unreadable metadata, the state of the source in it included, or a file
   * of states that is missing or has another length.
   */
  public Optional<String> damage() {
    CheckpointMetadata metadata;
    try {
      metadata = states().metadata();
      PointStates.source(metadata);
    } catch (UserError e) {
      return Optional.of(e.getMessage());
    } catch (IOException | RuntimeException e) {
      return Optional.of("its _metadata cannot be read: " + firstLine(e));
    }
    return StateFiles.of(metadata).damage();
  }

  static String firstLine(Exception e) {
    if (e instanceof EOFException && e.getMessage() == null) {
      return "it ends too early";
    }
    return e.getMessage() == null
        ? e.getClass().getSimpleName()
        : e.getMessage().lines().findFirst().orElse("");
  }
}

package io.simmim.pipeline.run.folder;

import io.simmim.pipeline.sink.WriterLock;
import io.simmim.schemas.UserError;
import io.simmim.schemas.storage.FolderContent;
import io.simmim.schemas.storage.StorageFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;

/**
 * An output in which there was nothing of a run when its lease was taken, or nothing any more since
 * the earlier one was moved aside. A run that is refused before its job leaves it as it was.
 */
public final class FreshOutput {
  /** What there may be of a run before its job. */
  private static final Set<String> PREPARED =
      Set.of(
          "catalog",
          "labels",
          "validation-catalog",
          "validation-labels",
          "watched",
          "cluster-colors.txt",
          "config.resolved.yaml",
          "embed.json",
          "run.json");

  /** What else tells of a run, or of embeddings. */
  private static final Set<String> OTHERS = Set.of("embed.json", "embeddings", "moving.json");

  private final RunFolder folder;
  private final Optional<Path> aside;
  private final Consumer<String> say;

  private FreshOutput(RunFolder folder, Optional<Path> aside, Consumer<String> say) {
    this.folder = folder;
    this.aside = aside;
    this.say = say;
  }

  /** The output, unless there is anything of a run in it, or of embeddings. */
  public static Optional<FreshOutput> of(RunFolder folder) throws IOException {
    return content(folder).isEmpty()
        ? Optional.of(new FreshOutput(folder, Optional.empty(), line -> {}))
        : Optional.empty();
  }

  /**
   * The output of a run that was moved aside.
   *
   * @param aside where it is
   * @param say is told when it is moved back
   */
  public static FreshOutput without(RunFolder folder, Path aside, Consumer<String> say) {
    return new FreshOutput(folder, Optional.of(aside), say);
  }

  /** Whether a run was moved aside. */
  public boolean hasEarlierRun() {
    return aside.isPresent();
  }

  /**
   * Deletes what was made since, the locks included, and the folders that were made for it. Of what
   * was moved aside the lock stays, and it is moved back. Nothing is deleted where a job may have
   * begun. To be called by the holder of the lease.
   *
   * @return whether the lock was deleted
   */
  public boolean restore() throws IOException {
    List<Path> made = content(folder);
    if (!made.stream().map(Path::getName).allMatch(PREPARED::contains)) {
      return false;
    }
    FileSystem files = folder.files();
    for (Path path : made) {
      files.delete(path, true);
    }
    if (aside.isPresent()) {
      putBack(aside.get());
      return false;
    }
    if (folder.localLock().isPresent()) {
      Files.deleteIfExists(WriterLock.lockFile(folder.localLock().get()));
    }
    files.delete(folder.lock(), false);
    for (Path parent : folder.made()) {
      if (!FolderContent.of(parent).isEmpty()) {
        break;
      }
      files.delete(parent, false);
    }
    return true;
  }

  private void putBack(Path earlier) {
    try {
      new EarlierRun(folder).putBack(earlier);
      say.accept("moved it back: the output is as it was");
    } catch (UserError e) {
      say.accept("it stays in %s: %s".formatted(RunFolder.readable(earlier), e.getMessage()));
    } catch (IOException e) {
      say.accept(
          "it could not be moved back as a whole; the next start moves all of it to %s again: %s"
              .formatted(RunFolder.readable(earlier), StorageFailure.reason(e)));
    }
  }

  private static List<Path> content(RunFolder folder) throws IOException {
    List<Path> content = new ArrayList<>();
    for (FileStatus file : FolderContent.of(folder.root())) {
      String name = file.getPath().getName();
      if (RunFolder.isContent(name) || OTHERS.contains(name)) {
        content.add(file.getPath());
      }
    }
    return content;
  }
}

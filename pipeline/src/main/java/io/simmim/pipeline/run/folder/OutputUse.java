package io.simmim.pipeline.run.folder;

import io.simmim.schemas.UserError;
import io.simmim.schemas.storage.StorageFailure;
import java.io.IOException;
import java.util.List;
import org.apache.flink.core.fs.Path;

/**
 * What an output is for: a run, or features of images. Both keep files of the same names there, so
 * it is one or the other.
 */
public final class OutputUse {
  private OutputUse() {}

  /** Says what the rows of an output are, and by its presence that there are such. */
  public static Path embeddings(RunFolder folder) {
    return new Path(folder.root(), "embed.json");
  }

  /**
   * Refuses the output of a run, also of one that is being moved aside.
   *
   * @throws UserError if it is one, or storage does not tell
   */
  public static void requireNoRun(RunFolder folder) {
    requireNone(folder, List.of(folder.run(), folder.moving()), "holds a run");
  }

  /**
   * Refuses an output that holds features of images.
   *
   * @throws UserError if it is one, or storage does not tell
   */
  public static void requireNoEmbeddings(RunFolder folder) {
    requireNone(folder, List.of(embeddings(folder)), "holds embeddings");
  }

  private static void requireNone(RunFolder folder, List<Path> files, String what) {
    for (Path file : files) {
      boolean exists;
      try {
        exists = RunFolder.exists(folder.files(), file);
      } catch (IOException e) {
        throw new UserError("cannot read %s: %s".formatted(file, StorageFailure.reason(e)), e);
      }
      if (exists) {
        throw new UserError(
            "the output %s %s (%s): name another one"
                .formatted(RunFolder.readable(folder.root()), what, file.getName()));
      }
    }
  }
}

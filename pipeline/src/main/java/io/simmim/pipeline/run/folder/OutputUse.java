package io.simmim.pipeline.run.folder;

import io.simmim.operators.catalog.listing.CatalogLister;
import io.simmim.schemas.UserError;
import io.simmim.schemas.storage.StorageFailure;
import io.simmim.schemas.storage.StorageUri;
import java.io.IOException;
import java.util.List;
import org.apache.flink.core.fs.Path;

/**
 * What an output is for: a run, or features of images. Both keep files of the same names there, so
 * it is one or the other, and never the images themselves.
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

  /**
   * Refuses an output that is also an input: what is in an output is left out of every list, so
   * there would be no image of it, and nobody would say why.
   *
   * @param inputs as users write them, whether they exist or not
   * @throws UserError that names the input
   */
  public static void requireNoInput(RunFolder folder, List<String> inputs) {
    for (String input : inputs) {
      if (isRoot(folder, input)) {
        throw new UserError(
            "--output must not be an input, whose images would be left out as its own files: %s (allowed: another folder, such as one in it)"
                .formatted(input));
      }
    }
  }

  private static boolean isRoot(RunFolder folder, String input) {
    Path path = new Path(CatalogLister.qualified(List.of(input)).get(0));
    try {
      return StorageUri.isSamePlace(path, folder.root());
    } catch (IOException e) {
      return false; // whoever lists it says what is wrong
    }
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

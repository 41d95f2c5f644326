package io.simmim.pipeline.run.folder;

import io.simmim.operators.catalog.listing.CatalogLister;
import io.simmim.schemas.UserError;
import io.simmim.schemas.storage.FolderContent;
import io.simmim.schemas.storage.ObjectStore;
import io.simmim.schemas.storage.StorageFailure;
import io.simmim.schemas.storage.StorageUri;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.Path;

/**
 * What an output is for: a run, or features of images. Both keep files of the same names there, so
 * it is one or the other, and never the images themselves.
 */
public final class OutputUse {
  /** Files of jobs. */
  private static final Set<String> FILES =
      Set.of(
          "checkpoints.jsonl",
          "confusion.csv",
          "evaluation.jsonl",
          "metrics.jsonl",
          "mlflow.json",
          "per-class.csv",
          "progress.json",
          "rejected.jsonl",
          "suspects",
          "validation.jsonl");

  /** Folders of jobs. */
  private static final Set<String> FOLDERS =
      Set.of(
          "beside",
          "checkpoints",
          "embeddings",
          "model",
          "model-best",
          "pictures",
          "runs",
          "savepoints");

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

  /**
   * Refuses an output with a folder in it where its job is to write a file, or the other way round:
   * the job would try again and again. Object stores may have both.
   *
   * @throws UserError that names it, or if storage does not tell
   */
  public static void requireKinds(RunFolder folder) {
    String scheme = folder.files().getUri().getScheme();
    if (ObjectStore.hasBuckets(scheme)) {
      return;
    }
    for (FileStatus found : content(folder)) {
      String name = found.getPath().getName();
      boolean parts = name.endsWith(".jsonl") && !ObjectStore.isLocal(scheme);
      boolean file = FILES.contains(name) && !parts;
      boolean other = FOLDERS.contains(name) || (FILES.contains(name) && parts);
      if (found.isDir() ? file : other) {
        throw new UserError(
            "%s in the output must be %s (move it away, or choose another --output): %s"
                .formatted(
                    name,
                    file ? "a file, and is a folder" : "a folder, and is a file",
                    RunFolder.readable(found.getPath())));
      }
    }
  }

  private static List<FileStatus> content(RunFolder folder) {
    try {
      return FolderContent.of(folder.root());
    } catch (IOException e) {
      throw new UserError(
          "cannot list %s: %s".formatted(folder.root(), StorageFailure.reason(e)), e);
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

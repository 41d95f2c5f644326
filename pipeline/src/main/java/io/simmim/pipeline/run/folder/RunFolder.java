package io.simmim.pipeline.run.folder;

import io.simmim.schemas.UserError;
import io.simmim.schemas.storage.FolderContent;
import io.simmim.schemas.storage.ObjectStore;
import io.simmim.schemas.storage.StorageFailure;
import io.simmim.schemas.storage.StorageUri;
import io.simmim.schemas.storage.WholeFile;
import io.simmim.trainer.export.ModelPaths;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;

/**
 * The output of a run, on any Flink file system: names of what is in it, and small files written
 * whole.
 */
public final class RunFolder {
  /** Configurations and records, whose longest part are the inputs that a user names. Bytes. */
  private static final int LONGEST_TEXT = 16 << 20;

  private static final List<String> CONTENT =
      List.of(
          "catalog",
          "labels",
          "validation-catalog",
          "validation-labels",
          "validation.jsonl",
          "per-class.csv",
          "confusion.csv",
          "model-best",
          "arrivals",
          "beside",
          "watched",
          "pictures",
          "evaluation.jsonl",
          "mlflow.json",
          "progress.json",
          "cluster-colors.txt",
          "checkpoints",
          "checkpoints.jsonl",
          "savepoints",
          "model",
          "metrics.jsonl",
          "rejected.jsonl",
          "runs",
          "config.resolved.yaml",
          "run.json",
          "suspects");

  private final Path root;
  private final FileSystem files;
  private final List<Path> made;

  private RunFolder(Path root, FileSystem files, List<Path> made) {
    this.root = root;
    this.files = files;
    this.made = made;
  }

  /**
   * Opens or creates the folder.
   *
   * @throws UserError if it cannot be created or is no folder
   */
  public static RunFolder open(String uri) {
    try {
      Path path = StorageUri.path("output", uri);
      FileSystem files = path.getFileSystem();
      Path root = path.makeQualified(files);
      if (exists(files, root) && !files.getFileStatus(root).isDir()) {
        throw new UserError("output must be a folder: " + uri);
      }
      List<Path> missing = missing(files, root);
      if (!files.mkdirs(root)) {
        throw new IOException("cannot create the folder");
      }
      return new RunFolder(root, files, missing);
    } catch (IOException | IllegalArgumentException e) {
      throw new UserError(
          "output must be a folder that can be written: %s (%s)"
              .formatted(uri, StorageFailure.reason(e)),
          e);
    }
  }

  /** A folder that is not there and those above it, the lowest first. */
  private static List<Path> missing(FileSystem files, Path folder) throws IOException {
    List<Path> missing = new ArrayList<>();
    if (!ObjectStore.hasBuckets(files.getUri().getScheme())) { // there are no folders in these
      for (Path at = folder; at != null && !exists(files, at); at = at.getParent()) {
        missing.add(at);
      }
    }
    return missing;
  }

  public Path root() {
    return root;
  }

  /** Itself and those above it, the lowest first, as far as they were not there before. */
  List<Path> made() {
    return made;
  }

  public Path checkpoints() {
    return new Path(root, "checkpoints");
  }

  public Path savepoints() {
    return new Path(root, "savepoints");
  }

  /** What the checkpoints took. */
  public Path checkpointCosts() {
    return new Path(root, "checkpoints.jsonl");
  }

  /** File with the list of images. */
  public Path catalog() {
    return new Path(root, "catalog");
  }

  /** File with the classes of the images of a fine-tuning. */
  public Path labels() {
    return new Path(root, "labels");
  }

  /** File with the list of images that a fine-tuning is measured on. */
  public Path validationCatalog() {
    return new Path(root, "validation-catalog");
  }

  /** File with the classes of these images. */
  public Path validationLabels() {
    return new Path(root, "validation-labels");
  }

  /** What a fine-tuning was worth after each epoch. */
  public Path validation() {
    return new Path(root, "validation.jsonl");
  }

  /** Folder with the lists of images that the model is looked at with while it is trained. */
  public Path watched() {
    return new Path(root, "watched");
  }

  /** Folder with pictures of what the model made of masked images. */
  public Path pictures() {
    return new Path(root, "pictures");
  }

  /** What the features were worth while the model was trained. */
  public Path evaluation() {
    return new Path(root, "evaluation.jsonl");
  }

  /** Folder of event files that tell of these: TensorBoard shows folders as runs. */
  public Path watchedEvents() {
    return new Path(events(), "watched");
  }

  /** Folder with the log of a continuous run. */
  public Path arrivals() {
    return new Path(root, "arrivals");
  }

  /** File with the colours that the target tells apart, if it does. */
  public Path clusterColors() {
    return new Path(root, "cluster-colors.txt");
  }

  /** Folder of the exported model. */
  public Path model() {
    return new Path(root, "model");
  }

  public Path metrics() {
    return new Path(root, "metrics.jsonl");
  }

  public Path rejected() {
    return new Path(root, "rejected.jsonl");
  }

  /** Folder of event files for TensorBoard. */
  public Path events() {
    return new Path(root, "runs");
  }

  /** Folder of those of a fine-tuning's validation: TensorBoard shows folders as runs. */
  public Path validationEvents() {
    return new Path(events(), "validation");
  }

  /** Folder of event files with histograms of weights and gradients. */
  public Path histogramEvents() {
    return new Path(events(), "histograms");
  }

  public Path config() {
    return new Path(root, "config.resolved.yaml");
  }

  /** What a resumed run must agree with; written last, so its presence says that the run began. */
  public Path run() {
    return new Path(root, "run.json");
  }

  /** Says that an earlier run is being moved, and where to. */
  Path moving() {
    return new Path(root, "moving.json");
  }

  /** A local path without its scheme, anything else as it is. */
  public static String readable(Path path) {
    return ObjectStore.isLocal(path.toUri().getScheme()) ? path.toUri().getPath() : path.toString();
  }

  /** Says who writes to the output. */
  public Path lock() {
    return new Path(root, "run.lock");
  }

  /** The file whose lock of the operating system goes with {@link #lock}; local outputs only. */
  public Optional<java.nio.file.Path> localLock() {
    return ObjectStore.isLocal(files.getUri().getScheme())
        ? Optional.of(java.nio.file.Path.of(root.toUri().getPath(), "run"))
        : Optional.empty();
  }

  /**
   * The file in which a run in this process notes what it decodes; elsewhere if the output is not
   * local.
   */
  public String suspects() {
    return ObjectStore.isLocal(files.getUri().getScheme())
        ? new Path(root, "suspects").getPath()
        : suspectsElsewhere();
  }

  /** The name of that file where it is not in the folder. */
  public String suspectsElsewhere() {
    return "simmim-suspects-"
        + UUID.nameUUIDFromBytes(root.toString().getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Text of a file that a run keeps for itself, or nothing if there is none.
   *
   * @throws UserError if it cannot be read, or is longer than any of ours
   */
  public Optional<String> read(Path file) {
    try (var in = files.open(file)) {
      byte[] text = in.readNBytes(LONGEST_TEXT + 1);
      if (text.length > LONGEST_TEXT) {
        throw new IOException("it must have at most %d bytes".formatted(LONGEST_TEXT));
      }
      return Optional.of(new String(text, StandardCharsets.UTF_8));
    } catch (FileNotFoundException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UserError("cannot read %s: %s".formatted(file, StorageFailure.reason(e)), e);
    }
  }

  /** Writes a file that appears whole or not at all. */
  public void write(Path file, String text) {
    try {
      WholeFile.write(file, text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UserError("cannot write %s: %s".formatted(file, StorageFailure.reason(e)), e);
    }
  }

  /** Whether a file or folder in an output belongs to a run, rather than to the user. */
  static boolean isContent(String name) {
    return CONTENT.contains(name) || ModelPaths.epochsOf(name).isPresent();
  }

  /** Folders directly in a folder; none if it does not exist. */
  List<Path> folders(Path parent) {
    try {
      return FolderContent.of(parent).stream()
          .filter(FileStatus::isDir)
          .map(FileStatus::getPath)
          .toList();
    } catch (IOException e) {
      throw new UserError("cannot list %s: %s".formatted(parent, StorageFailure.reason(e)), e);
    }
  }

  public FileSystem files() {
    return files;
  }

  public static boolean exists(FileSystem files, Path path) throws IOException {
    try {
      files.getFileStatus(path);
      return true;
    } catch (FileNotFoundException e) {
      return false;
    }
  }
}

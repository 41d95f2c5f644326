package io.simmim.pipeline.report.story;

import io.simmim.pipeline.run.folder.RestorePoint;
import io.simmim.pipeline.run.folder.RunFolder;
import io.simmim.schemas.storage.FolderContent;
import io.simmim.trainer.export.ModelPaths;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.Path;

/**
 * What a run has stored to be continued or used.
 *
 * @param points checkpoints and savepoints, the newest one first
 * @param models exported ones, the newest one first
 */
public record StoredParts(List<Part> points, List<Part> models) {
  private static final Set<String> MODELS = Set.of("model", "model-best");

  /** Checkpoints are folders of some files, in one folder. */
  private static final int DEEPEST = 3;

  public StoredParts {
    points = List.copyOf(points);
    models = List.copyOf(models);
  }

  /**
   * A folder.
   *
   * @param name below the output
   * @param kind for people
   * @param bytes of all its files
   * @param time when it was completed
   */
  public record Part(String name, String kind, long bytes, Instant time) {}

  static StoredParts of(RunFolder folder) throws IOException {
    List<Part> points = new ArrayList<>();
    for (RestorePoint point : RestorePoint.all(folder)) {
      points.add(
          new Part(
              name(folder, point.path()),
              point.savepoint() ? "savepoint" : "checkpoint",
              bytes(point.path(), DEEPEST),
              Instant.ofEpochMilli(point.completed())));
    }
    return new StoredParts(points, models(folder));
  }

  private static List<Part> models(RunFolder folder) throws IOException {
    List<Part> models = new ArrayList<>();
    for (FileStatus status : FolderContent.of(folder.root())) {
      Path path = status.getPath();
      boolean isModel =
          MODELS.contains(path.getName()) || ModelPaths.epochsOf(path.getName()).isPresent();
      if (isModel && status.isDir()) {
        for (FileStatus file : FolderContent.of(path)) {
          if (file.getPath().getName().equals(ModelPaths.WEIGHTS)) {
            models.add(
                new Part(
                    path.getName(),
                    kind(path.getName()),
                    bytes(path, DEEPEST),
                    Instant.ofEpochMilli(file.getModificationTime())));
          }
        }
      }
    }
    models.sort(Comparator.comparing(Part::time).thenComparing(Part::name).reversed());
    return models;
  }

  private static String kind(String name) {
    return switch (name) {
      case "model" -> "trained model";
      case "model-best" -> "best in validation";
      default -> "after " + ModelPaths.epochsOf(name).getAsLong() + " epochs";
    };
  }

  private static String name(RunFolder folder, Path path) {
    String root = folder.root().toString();
    String name = path.toString();
    return name.startsWith(root) ? name.substring(root.length()).replaceFirst("^/+", "") : name;
  }

  private static long bytes(Path folder, int deepest) throws IOException {
    long bytes = 0;
    for (FileStatus status : FolderContent.of(folder)) {
      if (!status.isDir()) {
        bytes += status.getLen();
      } else if (deepest > 1) {
        bytes += bytes(status.getPath(), deepest - 1);
      }
    }
    return bytes;
  }
}

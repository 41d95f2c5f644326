package io.simmim.pipeline.run;

import io.simmim.operators.arrival.log.ArrivalLog;
import io.simmim.operators.arrival.log.ArrivalLogFiles;
import io.simmim.operators.arrival.log.ArrivalLogReference;
import io.simmim.operators.catalog.Catalog;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.pipeline.run.folder.NewestPart;
import io.simmim.pipeline.run.folder.RestorePoint;
import io.simmim.pipeline.run.folder.RunFolder;
import io.simmim.pipeline.run.folder.TrainedModel;
import io.simmim.schemas.UserError;
import io.simmim.schemas.storage.StorageFailure;
import io.simmim.schemas.storage.StorageUri;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;

/**
 * The list of images that a run keeps: a catalog, or the log of a continuous run.
 *
 * @param catalog of a run over a catalog
 * @param log of a continuous run
 * @param inputs what the catalog was made of; empty where that is not known
 * @param checkpoint the newest one of the run that refers to the log
 * @param trainedSteps complete steps of a continuous run, as its metrics tell; empty where only the
 *     log is at hand
 */
public record StoredImages(
    Optional<Catalog> catalog,
    List<String> inputs,
    Optional<ArrivalLog> log,
    Optional<String> checkpoint,
    OptionalLong trainedSteps) {
  private static final String ALLOWED =
      "(allowed: the output of a run, its file catalog, or its folder arrivals)";

  /**
   * Reads a list, and compares digests.
   *
   * @param config tells how storage is reached from this process
   * @throws UserError if there is none, or it is damaged
   */
  public static StoredImages read(String uri, SimmimConfig config) {
    LocalFileSystems.initialize(config.flink(), config.fetch(), 1);
    try {
      Path path = StorageUri.path("PATH", uri);
      FileSystem files = path.getFileSystem();
      if (!RunFolder.exists(files, path)) {
        throw new UserError("no such file or folder: %s %s".formatted(uri, ALLOWED));
      }
      if (!files.getFileStatus(path).isDir()) {
        return ofCatalog(path, List.of());
      }
      if (ArrivalLogFiles.isLog(path)) {
        return new StoredImages(
            Optional.empty(),
            List.of(),
            Optional.of(NewestPart.read(() -> ArrivalLogFiles.readNewest(path))),
            Optional.empty(),
            OptionalLong.empty());
      }
      RunFolder run = RunFolder.open(uri);
      return NewestPart.read(() -> ofRun(run));
    } catch (IOException | IllegalArgumentException e) {
      throw new UserError("cannot read %s: %s".formatted(uri, StorageFailure.reason(e)), e);
    }
  }

  private static StoredImages ofCatalog(Path file, List<String> inputs) throws IOException {
    return new StoredImages(
        Optional.of(Catalog.read(file.toString())),
        inputs,
        Optional.empty(),
        Optional.empty(),
        OptionalLong.empty());
  }

  private static StoredImages ofRun(RunFolder run) throws IOException {
    if (RunFolder.exists(run.files(), run.catalog())) {
      return ofCatalog(
          run.catalog(),
          RunRecord.read(run)
              .flatMap(RunRecord::inputs)
              .map(RunInputs::images)
              .orElseGet(List::of));
    }
    if (!ArrivalLogFiles.isLog(run.arrivals())) {
      throw new UserError(
          "no list of images in %s %s".formatted(RunFolder.readable(run.root()), ALLOWED));
    }
    Optional<RestorePoint> newest = RestorePoint.all(run).stream().findFirst();
    Optional<ArrivalLogReference> reference = newest.flatMap(point -> point.source().log());
    if (reference.isPresent()) {
      ArrivalLogFiles.read(reference.get());
    }
    return new StoredImages(
        Optional.empty(),
        List.of(),
        Optional.of(ArrivalLogFiles.readNewest(run.arrivals())),
        reference.flatMap(found -> newest).map(point -> RunFolder.readable(point.path())),
        OptionalLong.of(TrainedModel.steps(run)));
  }
}

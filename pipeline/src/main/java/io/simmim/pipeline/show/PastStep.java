package io.simmim.pipeline.show;

import io.simmim.operators.image.ImagePath;
import io.simmim.operators.source.split.ChunkSplit;
import io.simmim.pipeline.reconstruct.Reconstruction;
import io.simmim.pipeline.reconstruct.ReconstructionGrid;
import io.simmim.pipeline.reconstruct.ReconstructionGrid.Row;
import io.simmim.pipeline.replay.PastImages;
import io.simmim.pipeline.run.SamplePath;
import io.simmim.pipeline.run.StoredRun;
import io.simmim.pipeline.run.folder.RunFolder;
import io.simmim.pipeline.sink.stored.StoredLines;
import io.simmim.schemas.ImageRef;
import io.simmim.schemas.TensorChunk;
import io.simmim.schemas.UserError;
import io.simmim.schemas.storage.StorageFailure;
import io.simmim.schemas.storage.StorageUri;
import io.simmim.schemas.storage.WholeFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.flink.core.fs.Path;

/**
 * One picture and one list of what a step of a run looked at. The crops and masks are made again,
 * by what made them in the job: they are a pure function of the run's catalog, configuration and
 * seed.
 *
 * @param target a PNG, on any Flink file system; the list goes beside it as .txt
 * @param images most that are drawn, 1 to {@link Reconstruction#MOST_IMAGES}
 * @param weights that predict and measure
 * @param order of the images
 */
public record PastStep(String target, int images, Weights weights, Order order) {
  /** In which order the images of a step are drawn and listed. */
  public enum Order {
    /** As the trainer gets them. */
    BY_PLACE,
    /** The largest loss first; by place where there is no model at hand. */
    WORST_FIRST
  }

  /** More columns beside each other are too wide for a screen. */
  private static final int COLUMNS = 8;

  private static final String PNG = ".png";

  /**
   * Refuses what makes no picture.
   *
   * @throws UserError with what is allowed
   */
  public PastStep {
    if (images < 1 || images > Reconstruction.MOST_IMAGES) {
      throw new UserError(
          String.format(
              Locale.ROOT, "--images must be 1 to %d: %d", Reconstruction.MOST_IMAGES, images));
    }
    if (!target.toLowerCase(Locale.ROOT).endsWith(PNG)) {
      throw new UserError("--to must be a .png file: " + target);
    }
  }

  /**
   * Draws and lists a step.
   *
   * @param step from 1
   * @param say takes lines for people; the last two are picture and list
   * @throws UserError if there is no such step, or none of its images can be read now
   */
  public void run(StoredRun run, long step, Consumer<String> say)
      throws IOException, InterruptedException {
    Path picture = StorageUri.path("--to", target);
    Path list =
        StorageUri.path("--to", target.substring(0, target.length() - PNG.length()) + ".txt");
    List<ChunkSplit> chunks = run.chunksOf(step);
    List<StepImage> batch = StepImage.of(chunks, rejections(run, chunks));
    SamplePath path = SamplePath.of(run.config());
    try (PastImages stored = new PastImages(run);
        Opened at = new Opened(StepModel.of(run, step, weights, say))) {
      List<ImageFinding> findings = new ArrayList<>();
      if (at.model.isPresent()) {
        findings.addAll(at.model.get().measure(batch, path, stored, say));
      } else {
        batch.forEach(image -> findings.add(ImageFinding.unseen(image)));
      }
      if (order == Order.WORST_FIRST) {
        findings.sort(ImageFinding.WORST_FIRST);
      }
      int drawn = Math.min(images, findings.size());
      ReconstructionGrid grid =
          new ReconstructionGrid(
              run.config().image().size(),
              at.model
                  .map(model -> model.encoder().normalization())
                  .orElse(run.config().image().normalization()));
      draw(findings.subList(0, drawn), path, stored, at.model, grid);
      List<Row> rows = rows(run, at.model);
      List<String> lines = new ArrayList<>();
      lines.add(heading(run, step, findings.size(), at.model));
      lines.add(ImageFinding.HEADER);
      findings.forEach(finding -> lines.add(finding.line()));
      write(list, (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8));
      write(picture, png(grid, rows));
      lines.subList(0, 2 + drawn).forEach(say);
      say.accept(
          String.format(
              Locale.ROOT,
              "%d of %,d images, %d beside each other; rows: %s",
              drawn,
              findings.size(),
              Math.min(COLUMNS, drawn),
              text(rows)));
      say.accept(RunFolder.readable(picture));
      say.accept(RunFolder.readable(list));
    }
  }

  /** A model that may not be there. */
  private record Opened(Optional<StepModel> model) implements AutoCloseable {
    @Override
    public void close() {
      model.ifPresent(StepModel::close);
    }
  }

  private static Map<Long, String> rejections(StoredRun run, List<ChunkSplit> chunks)
      throws IOException {
    Set<Long> wanted =
        chunks.stream()
            .flatMap(chunk -> chunk.images().stream())
            .map(ImageRef::sampleId)
            .collect(Collectors.toSet());
    Map<Long, String> reasons = new HashMap<>();
    StoredLines.forEachNode(
        run.folder().rejected(),
        line -> {
          long id = line.path("sample_id").asLong(-1);
          if (wanted.contains(id)) {
            reasons.put(id, line.path("reason").asText());
          }
        });
    return reasons;
  }

  /** Adds a column for each finding, and to findings what is seen only now. */
  private static void draw(
      List<ImageFinding> findings,
      SamplePath path,
      PastImages stored,
      Optional<StepModel> model,
      ReconstructionGrid grid) {
    int readable = 0;
    try (ImagePath samples = path.open()) {
      for (int i = 0; i < findings.size(); i++) {
        TensorChunk sample = findings.get(i).image().load(samples, stored);
        findings.set(i, findings.get(i).with(sample));
        readable += sample.size();
        if (sample.size() == 0) {
          grid.addEmpty();
        } else if (model.isPresent()) {
          grid.add(sample, model.get().prediction(sample));
        } else {
          grid.add(sample);
        }
      }
    }
    if (readable == 0) {
      ImageFinding first = findings.get(0);
      throw new UserError(
          String.format(
              Locale.ROOT,
              "none of the first %d images of the step can be shown; %s: %s",
              findings.size(),
              first.image().ref().name(),
              first.problem()));
    }
  }

  private static List<Row> rows(StoredRun run, Optional<StepModel> model) {
    if (run.config().finetune().isOn()) {
      return List.of(Row.ORIGINAL);
    }
    return model.isPresent()
        ? List.of(Row.ORIGINAL, Row.MASKED, Row.PREDICTED, Row.PASTED)
        : List.of(Row.ORIGINAL, Row.MASKED);
  }

  private static String text(List<Row> rows) {
    return switch (rows.size()) {
      case 1 -> "crop, before erasing and mixing";
      case 2 -> "crop, masked (no model is at hand: none is exported yet, --model names one)";
      default -> "crop, masked, prediction, prediction pasted in";
    };
  }

  private static String heading(StoredRun run, long step, int images, Optional<StepModel> model) {
    return String.format(
        Locale.ROOT,
        "step %,d of %s (epoch %d), %,d images%s",
        step,
        run.plan().isEndless()
            ? "a run without end"
            : String.format(Locale.ROOT, "%,d", run.plan().totalSteps()),
        (step - 1) / run.plan().stepsPerEpoch() + 1,
        images,
        model.map(at -> "; losses of " + at.origin()).orElse(""));
  }

  private static byte[] png(ReconstructionGrid grid, List<Row> rows) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    grid.write(bytes, rows, COLUMNS);
    return bytes.toByteArray();
  }

  private static void write(Path file, byte[] content) {
    try {
      WholeFile.write(file, content);
    } catch (IOException e) {
      throw new UserError(
          String.format(
              Locale.ROOT,
              "cannot write %s: %s",
              RunFolder.readable(file),
              StorageFailure.reason(e)),
          e);
    }
  }
}

package io.simmim.pipeline.command;

import static java.nio.file.StandardOpenOption.APPEND;

import io.simmim.pipeline.cluster.StandaloneCluster;
import io.simmim.pipeline.files.Gate;
import io.simmim.pipeline.files.GatedFiles;
import io.simmim.pipeline.images.Photographs;
import io.simmim.pipeline.output.RunOutput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A training small enough for a test: 2 steps of 3 micro-batches per epoch.
 *
 * @param images folder of the images
 * @param input what the run is told of where they are
 * @param config what is trained on them
 */
public record Workload(Path images, String input, Path config) {
  public static final int ACCUMULATION = 3;
  public static final int STEPS_PER_EPOCH = 2;

  /** Images of two steps of 3 x 8, and some that make the last batch incomplete. */
  private static final int IMAGES = 61;

  public Workload(Path images, Path config) {
    this(images, images.toString(), config);
  }

  /** Draws the images and writes the configuration below a folder. */
  public static Workload prepare(Path folder, int epochs) throws IOException {
    Path images = folder.resolve("images");
    Photographs.draw(images, IMAGES);
    Files.writeString(images.resolve("no-image.jpg"), "This is not a JPEG.");
    Files.createFile(images.resolve("nothing.jpg"));
    Path config = folder.resolve("config.yaml");
    Files.writeString(
        config,
        """
        seed: 7
        image:
          size: 64
        mask:
          patch-size: 16
        encoder:
          patch-size: 8
          embed-dim: 48
          depth: 2
          num-heads: 3
        schedule:
          base-learning-rate: 1.0e-2
          warmup-epochs: 2
        training:
          epochs: %d
          micro-batch: 8
          accumulation: %d
          chunk-images: 4
          threads: 1
        checkpoint:
          interval: 300ms
        """
            .formatted(epochs, ACCUMULATION));
    return new Workload(images, config);
  }

  /**
   * The same behind {@link #gate}, read one image after the other; processes of their own need
   * {@link GatedFiles#environment}.
   */
  public Workload gated() throws IOException {
    Files.writeString(config, "fetch:\n  concurrency: 1\n  window-chunks: 2\n", APPEND);
    return new Workload(images, GatedFiles.uri(images), config);
  }

  /** Lets a run wait in its middle. */
  public Gate gate() {
    return Gate.of(images);
  }

  /** Closes {@link #gate} where a run has so many epochs behind it, and few steps more. */
  public void waitAfter(int epochs) throws IOException {
    gate().closeAfter(read(epochs + 1));
  }

  /** Lets a run that waits go on for so many epochs, and few steps more. */
  public void waitAgainAfter(int epochs) throws IOException {
    gate().letPass(read(epochs + 1));
  }

  /** Images that are read for so many epochs, with those that are none. */
  private static int read(int epochs) {
    return epochs * (IMAGES + 2);
  }

  /** Arguments of {@code simmim} that train into a folder. */
  public List<String> pretrain(RunOutput output, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "pretrain",
                "--input",
                input,
                "--output",
                output.path().toString(),
                "--config",
                config.toString()));
    arguments.addAll(List.of(more));
    return arguments;
  }

  /** Submits the training; {@code flinkOptions} are those of {@code flink run}. */
  public String submit(StandaloneCluster cluster, RunOutput output, String... flinkOptions)
      throws IOException, InterruptedException {
    return cluster.submit(List.of(flinkOptions), pretrain(output));
  }
}

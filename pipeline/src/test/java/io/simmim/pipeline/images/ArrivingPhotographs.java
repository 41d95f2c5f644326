package io.simmim.pipeline.images;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.operators.arrival.log.ArrivalLog;
import io.simmim.operators.arrival.log.ArrivalLogFiles;
import io.simmim.pipeline.command.Workload;
import io.simmim.pipeline.output.RunOutput;
import io.simmim.pipeline.s3.S3Files;
import io.simmim.pipeline.s3.S3Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Photographs in S3 that events tell of in bursts, and what a run that follows the events must have
 * made of them.
 *
 * @param server that has them
 * @param folder with the same files
 * @param images their paths in the folder, and below {@link #INPUT}
 * @param config of runs
 */
public record ArrivingPhotographs(S3Server server, Path folder, List<Path> images, Path config)
    implements AutoCloseable {
  public static final String INPUT = "s3://" + S3Server.BUCKET + "/images";
  public static final int BURSTS = 3;
  private static final int BURST = 40;

  /**
   * Steps that all of them make. Chunks of 4: the first has 4 new images, each later one 2, so 120
   * images make 1 + 58 chunks. A step has 6 of them.
   */
  public static final long STEPS = 59 / 6;

  /** What a burst tells of an image. */
  public interface Event {
    void of(String key, long bytes, String tag) throws Exception;
  }

  /** Starts a server and puts them there. */
  public static ArrivingPhotographs prepare(Path work) throws IOException, InterruptedException {
    Path config = Workload.prepare(work, 1).config();
    Path folder = work.resolve("arriving");
    Photographs.draw(folder, BURST * BURSTS);
    List<Path> images;
    try (Stream<Path> files = Files.walk(folder)) {
      images = files.filter(Files::isRegularFile).map(folder::relativize).sorted().toList();
    }
    S3Server server = S3Server.start(work.resolve("server"));
    S3Files.connect(server);
    S3Files.upload(folder, INPUT);
    return new ArrivingPhotographs(server, folder, images, config);
  }

  /** Tells of the images of a burst, in their order. */
  public void forEachOf(int burst, Event event) throws Exception {
    for (Path image : images.subList(burst * BURST, (burst + 1) * BURST)) {
      event.of("images/" + image, Files.size(folder.resolve(image)), "tag-" + image.getFileName());
    }
  }

  /** Arguments of {@code simmim} that train into a folder. */
  public List<String> pretrain(RunOutput output, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "pretrain",
                "--input",
                INPUT,
                "--output",
                output.path().toString(),
                "--config",
                config.toString(),
                "--set",
                "continuous.epoch-steps=5"));
    arguments.addAll(List.of(more));
    return arguments;
  }

  /** URIs of all images in their order. */
  public List<String> uris() {
    return images.stream().map(image -> INPUT + "/" + image).toList();
  }

  /** URIs that are new in the log of a run, each of which has been trained on, in its order. */
  public static List<String> newIn(RunOutput output) throws IOException {
    ArrivalLog log =
        ArrivalLogFiles.readNewest(
            new org.apache.flink.core.fs.Path(output.path().resolve("arrivals").toUri()));
    List<String> arrived = new ArrayList<>();
    log.forEachImage((id, image) -> arrived.add(image.uri()));
    assertThat(log.used()).isEqualTo(arrived.size());
    return arrived;
  }

  @Override
  public void close() {
    server.close();
  }
}

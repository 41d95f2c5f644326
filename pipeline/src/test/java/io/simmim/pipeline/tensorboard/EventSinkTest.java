package io.simmim.pipeline.tensorboard;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.schemas.StepMetrics;
import io.simmim.schemas.evaluation.EpochAccuracy;
import io.simmim.schemas.evaluation.FeatureQuality;
import io.simmim.schemas.evaluation.FeatureQuality.Probe;
import io.simmim.schemas.evaluation.FeatureQuality.Vote;
import io.simmim.schemas.evaluation.ModelFindings;
import io.simmim.schemas.histogram.HistogramBuckets;
import io.simmim.schemas.histogram.TensorHistogram;
import io.simmim.schemas.histogram.ValueHistogram;
import io.simmim.schemas.timing.DataWait;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventSinkTest {
  private static final DataWait WAIT = new DataWait(0.125, 0.0625, 0.0625);

  @TempDir Path folder;

  private static StepMetrics metrics(long step) {
    return new StepMetrics(step, 0, 8 * step, 8, 1.0 / step, 0.01, 2, 100, WAIT, 3, 1000 * step);
  }

  private static StepMetrics other(long step) {
    return new StepMetrics(step, 0, 8 * step, 8, -step, 0.01, 2, 100, WAIT, 3, 1000 * step);
  }

  private StepEvents sink() {
    return new StepEvents(
        new org.apache.flink.core.fs.Path(folder.toUri()), "image:\n  size: 96\n");
  }

  private static <T> void write(Sink<T> sink, List<T> elements) throws Exception {
    SinkWriter<T> writer = sink.createWriter(null);
    for (T element : elements) {
      writer.write(element, null);
    }
    writer.flush(true);
    writer.close();
  }

  private static List<StepMetrics> steps(long first, long last) {
    return LongStream.rangeClosed(first, last).mapToObj(EventSinkTest::metrics).toList();
  }

  @Test
  void aStepWithoutAnImageHasNoLoss() throws Exception {
    StepMetrics empty = new StepMetrics(2, 0, 8, 0, 0, 0.01, 0, 0, WAIT, 8, 2000);
    write(sink(), List.of(metrics(1), empty, metrics(3)));

    EventLog log = EventLog.read(folder);
    assertThat(log.scalars("train/loss").keySet()).containsExactly(1L, 3L);
    assertThat(log.scalars("train/gradient_norm").keySet()).containsExactly(1L, 3L);
    assertThat(log.scalars("images/rejected").keySet()).containsExactly(1L, 2L, 3L);
  }

  @Test
  void tellsAllNumbersOfEachStep() throws Exception {
    write(sink(), steps(1, 3));

    EventLog log = EventLog.read(folder);
    assertThat(log.tags())
        .containsExactly(
            "train/loss",
            "train/learning_rate",
            "train/gradient_norm",
            "speed/images_per_second",
            "speed/data_wait_share",
            "speed/fetch_wait_share",
            "speed/decode_wait_share",
            "speed/network_wait_share",
            "images/seen",
            "images/rejected");
    assertThat(log.scalars("train/loss"))
        .containsEntry(1L, List.of(1f))
        .containsEntry(2L, List.of(0.5f))
        .hasSize(3);
    assertThat(log.scalars("images/rejected")).containsEntry(3L, List.of(3f));
    assertThat(log.texts()).containsExactly("configuration:     image:\n      size: 96");
  }

  @Test
  void hasEachStepOnceAfterRestartsFromEarlierCheckpoints() throws Exception {
    write(sink(), Stream.of(1, 2, 3, 4, 5).map(step -> other(step)).toList());
    write(sink(), Stream.of(4, 5, 6, 7).map(step -> other(step)).toList());
    write(sink(), steps(2, 9));
    write(sink(), steps(10, 11));

    EventLog log = EventLog.read(folder);
    assertThat(log.files()).isEqualTo(4);
    assertThat(log.scalars("train/loss").keySet())
        .containsExactlyElementsOf(LongStream.rangeClosed(1, 11).boxed().toList());
    assertThat(log.scalars("train/loss").values()).allSatisfy(all -> assertThat(all).hasSize(1));
    assertThat(log.scalars("train/loss"))
        .containsEntry(1L, List.of(-1f))
        .containsEntry(2L, List.of(0.5f));
  }

  @Test
  void goesOnBehindARecordThatAKilledProcessCutOff() throws Exception {
    write(sink(), steps(1, 3));
    Path file = files().get(0);
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length - 5));
    write(sink(), steps(3, 4));

    assertThat(EventLog.read(folder).scalars("train/loss").keySet())
        .containsExactly(1L, 2L, 3L, 4L);
  }

  /** A clock that was ahead must not hide what comes later. */
  @Test
  void namesFollowEachOtherWhateverTheClockSays() throws Exception {
    Files.createFile(folder.resolve("events.out.tfevents.4102444800.simmim"));
    write(sink(), steps(1, 1));
    write(sink(), steps(2, 2));

    assertThat(files())
        .extracting(file -> file.getFileName().toString())
        .containsExactly(
            "events.out.tfevents.4102444800.simmim",
            "events.out.tfevents.4102444801.simmim",
            "events.out.tfevents.4102444802.simmim");
  }

  @Test
  void showsStepsWhileTheRunGoesOn() throws Exception {
    SinkWriter<StepMetrics> writer = sink().createWriter(null);
    writer.write(metrics(1), null);

    assertThat(EventLog.read(folder).scalars("train/loss")).hasSize(1);
    writer.close();
  }

  @Test
  void leavesNothingWhereThereWasNoStep() throws Exception {
    write(sink(), List.of());

    assertThat(files()).isEmpty();
  }

  @Test
  void tellsAccuraciesAtTheLastStepOfTheirEpoch() throws Exception {
    write(
        new ValidationEvents(new org.apache.flink.core.fs.Path(folder.toUri())),
        List.of(new EpochAccuracy(0, 40, 25, 90, 100, 2.5, 1000)));

    EventLog log = EventLog.read(folder);
    assertThat(log.scalars("validation/top_1")).containsEntry(40L, List.of(0.25f));
    assertThat(log.scalars("validation/top_5")).containsEntry(40L, List.of(0.9f));
    assertThat(log.scalars("validation/loss")).containsEntry(40L, List.of(2.5f));
    assertThat(log.texts()).isEmpty();
  }

  @Test
  void showsPicturesOfStepsOnceAfterRestarts() throws Exception {
    byte[] png = {
      (byte) 0x89,
      'P',
      'N',
      'G',
      13,
      10,
      26,
      10,
      0,
      0,
      0,
      13,
      'I',
      'H',
      'D',
      'R',
      0,
      0,
      0,
      4,
      0,
      0,
      0,
      3
    };
    Files.createDirectories(folder.resolve("pictures"));
    for (long step : new long[] {10, 20}) {
      Files.write(folder.resolve("pictures/step-%d.png".formatted(step)), png);
    }
    FindingEvents sink =
        new FindingEvents(
            new org.apache.flink.core.fs.Path(folder.resolve("runs").toUri()), folder.toString());
    FeatureQuality quality =
        new FeatureQuality(
            List.of(new Vote(10, 1, 3, 4), new Vote(20, 2, 3, 4)),
            2.5,
            192,
            512,
            Optional.of(new Probe(3, false, 0.1, 2, 4, 8)));
    ModelFindings both = new ModelFindings(20, 1, true, Optional.of(quality), "");
    ModelFindings problem = new ModelFindings(30, 2, false, Optional.empty(), "storage is away");
    write(sink, List.of(new ModelFindings(10, 0, true, Optional.empty(), ""), both));
    write(sink, List.of(both, problem));

    EventLog log = EventLog.read(folder.resolve("runs"));
    assertThat(log.pictures("reconstructions").keySet()).containsExactly(10L, 20L);
    assertThat(log.pictures("reconstructions").get(20L)).containsExactly(png);
    assertThat(log.scalars("evaluation/knn_10_top_1")).isEqualTo(Map.of(20L, List.of(0.25f)));
    assertThat(log.scalars("evaluation/knn_20_top_5")).isEqualTo(Map.of(20L, List.of(0.75f)));
    assertThat(log.scalars("evaluation/effective_rank")).isEqualTo(Map.of(20L, List.of(2.5f)));
    assertThat(log.scalars("evaluation/probe_top_1")).isEqualTo(Map.of(20L, List.of(0.25f)));
    assertThat(log.scalars("evaluation/probe_top_5")).isEqualTo(Map.of(20L, List.of(0.5f)));
    assertThat(log.scalars("evaluation/probe_layer")).isEqualTo(Map.of(20L, List.of(3f)));
  }

  private static TensorHistogram histogram(long step, String tensor, ValueHistogram values) {
    return new TensorHistogram(step, 1000 * step, tensor, values);
  }

  @Test
  void tellsHistogramsOfStepsOnceAfterRestarts() throws Exception {
    int zero = HistogramBuckets.count() / 2;
    ValueHistogram first = new ValueHistogram(0, 0, 1e-12, 2, 3, zero + 1, new long[] {2});
    ValueHistogram apart =
        new ValueHistogram(0, -2e-12, 3e-12, 1, 4, zero - 7, new long[] {5, 1, 0, 0, 0, 7});
    HistogramEvents sink = new HistogramEvents(new org.apache.flink.core.fs.Path(folder.toUri()));
    write(sink, List.of(histogram(10, "weights/a", first), histogram(20, "weights/a", apart)));
    write(
        sink,
        List.of(
            histogram(20, "weights/a", apart),
            histogram(20, "gradients/a", first),
            histogram(30, "weights/a", first)));

    EventLog log = EventLog.read(folder);
    assertThat(log.histograms("weights/a").keySet()).containsExactly(10L, 20L, 30L);
    assertThat(log.histograms("weights/a").get(10L))
        .containsExactly(
            new EventLog.Histogram(
                0, 1e-12, 2, 2, 3, List.of(0.0, limit(zero + 1)), List.of(0.0, 2.0)));
    assertThat(log.histograms("weights/a").get(20L))
        .containsExactly(
            new EventLog.Histogram(
                -2e-12,
                3e-12,
                13,
                1,
                4,
                List.of(
                    limit(zero - 8),
                    limit(zero - 7),
                    limit(zero - 6),
                    limit(zero - 3),
                    limit(zero - 2)),
                List.of(0.0, 5.0, 1.0, 0.0, 7.0)));
    assertThat(log.histograms("gradients/a").keySet()).containsExactly(20L);
    assertThat(log.tags()).isEmpty();
  }

  private static double limit(int bucket) {
    return HistogramBuckets.limit(bucket);
  }

  @Test
  void saysHowManyValuesAreInNoHistogramSinceTheyAreNotFinite() throws Exception {
    write(
        new HistogramEvents(new org.apache.flink.core.fs.Path(folder.toUri())),
        List.of(
            histogram(1, "weights/a", new ValueHistogram(4, 0, 0, 0, 0, 775, new long[] {1})),
            histogram(1, "weights/b", new ValueHistogram(6, 0, 0, 0, 0, 0, new long[0]))));

    EventLog log = EventLog.read(folder);
    assertThat(log.histogramTags()).containsExactly("weights/a");
    assertThat(log.histograms("weights/a").get(1L).get(0).values()).isEqualTo(1);
    assertThat(log.scalars("not_finite/weights/a")).isEqualTo(Map.of(1L, List.of(4f)));
    assertThat(log.scalars("not_finite/weights/b")).isEqualTo(Map.of(1L, List.of(6f)));
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.sorted().toList();
    }
  }
}

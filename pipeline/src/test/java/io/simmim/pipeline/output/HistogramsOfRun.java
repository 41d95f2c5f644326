package io.simmim.pipeline.output;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.pipeline.tensorboard.EventLog;
import io.simmim.schemas.safetensors.SafetensorsFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** The histograms that a run has told TensorBoard. */
public final class HistogramsOfRun {
  private HistogramsOfRun() {}

  /**
   * Asserts that each tensor has one in each step, and that those of the last step are of the
   * exported weights.
   *
   * @param steps the last of which is that of the run
   */
  public static void assertOnce(RunOutput output, List<Long> steps) throws IOException {
    EventLog events = EventLog.read(output.path().resolve("runs/histograms"));
    long last = steps.get(steps.size() - 1);
    try (SafetensorsFile model = SafetensorsFile.open(output.model())) {
      List<String> tags = new ArrayList<>();
      for (String name : model.tensors().keySet()) {
        for (String tag : List.of("weights/" + name, "gradients/" + name)) {
          tags.add(tag);
          Map<Long, List<EventLog.Histogram>> found = events.histograms(tag);
          assertThat(found.keySet()).as(tag).containsExactlyElementsOf(steps);
          assertThat(found.values()).as(tag).allMatch(once -> once.size() == 1);
        }
        assertSame(
            name, events.histograms("weights/" + name).get(last).get(0), model.readFloats(name));
      }
      assertThat(events.histogramTags()).containsExactlyInAnyOrderElementsOf(tags);
    }
  }

  /** Asserts that two runs have told the same. */
  public static void assertSameAs(RunOutput expected, RunOutput output) throws IOException {
    EventLog others = EventLog.read(expected.path().resolve("runs/histograms"));
    EventLog events = EventLog.read(output.path().resolve("runs/histograms"));
    assertThat(events.histogramTags()).isNotEmpty();
    for (String tag : events.histogramTags()) {
      assertThat(events.histograms(tag)).as(tag).isEqualTo(others.histograms(tag));
    }
  }

  private static void assertSame(String name, EventLog.Histogram found, float[] values) {
    double least = Double.POSITIVE_INFINITY;
    double greatest = Double.NEGATIVE_INFINITY;
    double[] counts = new double[found.counts().size()];
    for (double value : values) {
      least = Math.min(least, value);
      greatest = Math.max(greatest, value);
      int bucket = 0;
      while (value >= found.limits().get(bucket)) {
        bucket++;
      }
      counts[bucket]++;
    }
    assertThat(found.values()).as(name).isEqualTo(values.length);
    assertThat(found.least()).as(name).isEqualTo(least);
    assertThat(found.greatest()).as(name).isEqualTo(greatest);
    assertThat(found.counts()).as(name).isEqualTo(Arrays.stream(counts).boxed().toList());
  }
}

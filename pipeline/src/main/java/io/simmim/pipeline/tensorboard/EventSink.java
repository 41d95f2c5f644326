package io.simmim.pipeline.tensorboard;

import io.simmim.schemas.histogram.ValueHistogram;
import java.io.IOException;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.core.fs.Path;

/**
 * Event files for TensorBoard. A run that goes on begins a new file, which says with which step:
 * readers then forget that step and later ones of earlier files, so each step is there once. It
 * needs no state of a checkpoint: the first step that arrives is the one behind it. Runs with
 * parallelism 1.
 */
abstract class EventSink<T> implements Sink<T> {
  private final Path folder;
  private final String configuration;

  /**
   * @param folder on any Flink file system
   * @param configuration of the run, as text; empty for none
   */
  EventSink(Path folder, String configuration) {
    this.folder = Objects.requireNonNull(folder, "folder");
    this.configuration = Objects.requireNonNull(configuration, "configuration");
  }

  /** The step of an element, from 1. */
  abstract long step(T element);

  /** When it was, milliseconds since 1970. */
  abstract long epochMillis(T element);

  /** What it says, by TensorBoard's tags. */
  abstract Map<String, Double> scalars(T element);

  /** A picture of it, if there is one. */
  Optional<EventPicture> picture(T element) {
    return Optional.empty();
  }

  /** Histograms of it, by TensorBoard's tags. */
  Map<String, ValueHistogram> histograms(T element) {
    return Map.of();
  }

  @Override
  public SinkWriter<T> createWriter(WriterInitContext context) {
    return new Writer();
  }

  private final class Writer implements SinkWriter<T> {
    private EventFiles files;

    @Override
    public void write(T element, Context context) throws IOException {
      long millis = epochMillis(element);
      if (files == null) {
        files = EventFiles.begin(folder, System.currentTimeMillis());
        files.append(EventRecord.start(millis, step(element)));
        if (!configuration.isEmpty()) {
          // Four spaces make a block of code of it.
          String block = "    " + configuration.strip().replace("\n", "\n    ");
          files.append(EventRecord.text(millis, step(element), "configuration", block));
        }
      }
      Map<String, Double> values = scalars(element);
      if (!values.isEmpty()) {
        files.append(EventRecord.scalars(millis, step(element), values));
      }
      for (Map.Entry<String, ValueHistogram> histogram : histograms(element).entrySet()) {
        files.append(
            EventRecord.histogram(millis, step(element), histogram.getKey(), histogram.getValue()));
      }
      Optional<EventPicture> picture = picture(element);
      if (picture.isPresent()) {
        files.append(EventRecord.picture(millis, step(element), picture.get()));
      }
    }

    @Override
    public void flush(boolean endOfInput) throws IOException {
      if (files != null) {
        files.sync(System.currentTimeMillis());
      }
    }

    @Override
    public void close() throws IOException {
      if (files != null) {
        files.close();
      }
    }
  }
}

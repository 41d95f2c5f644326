package io.simmim.pipeline.tensorboard;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Event files as TensorBoard reads them: in the order of their names, forgetting steps where a
 * start says so, and ending a file at a record that is cut off.
 */
public final class EventLog {
  /**
   * A histogram as TensorBoard stores it.
   *
   * @param limits what the values of each bucket are below
   * @param counts values of each bucket
   */
  public record Histogram(
      double least,
      double greatest,
      double values,
      double sum,
      double sumOfSquares,
      List<Double> limits,
      List<Double> counts) {}

  /** Of each tag, what the steps have; several values where a step is there several times. */
  private final Map<String, Map<Long, List<Float>>> scalars = new LinkedHashMap<>();

  /** Of each tag, the files that the steps have. */
  private final Map<String, Map<Long, List<byte[]>>> pictures = new LinkedHashMap<>();

  /** Of each tag, the histograms that the steps have. */
  private final Map<String, Map<Long, List<Histogram>>> histograms = new LinkedHashMap<>();

  private final List<String> texts = new ArrayList<>();
  private int files;

  private EventLog() {}

  /** Reads a folder without those in it. */
  public static EventLog read(Path folder) throws IOException {
    EventLog log = new EventLog();
    try (Stream<Path> paths = Files.list(folder)) {
      for (Path file : paths.filter(Files::isRegularFile).sorted().toList()) {
        log.files++;
        log.readFile(ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN));
      }
    }
    return log;
  }

  /** Values of a tag by step. */
  public Map<Long, List<Float>> scalars(String tag) {
    return scalars.getOrDefault(tag, Map.of());
  }

  /** Pictures of a tag by step. */
  public Map<Long, List<byte[]>> pictures(String tag) {
    return pictures.getOrDefault(tag, Map.of());
  }

  /** Histograms of a tag by step. */
  public Map<Long, List<Histogram>> histograms(String tag) {
    return histograms.getOrDefault(tag, Map.of());
  }

  /** Tags that have histograms. */
  public List<String> histogramTags() {
    return List.copyOf(histograms.keySet());
  }

  List<String> tags() {
    return List.copyOf(scalars.keySet());
  }

  List<String> texts() {
    return texts;
  }

  public int files() {
    return files;
  }

  private void readFile(ByteBuffer bytes) {
    while (bytes.remaining() >= 12) {
      long length = bytes.getLong();
      bytes.getInt();
      if (bytes.remaining() < length + 4) {
        return;
      }
      ByteBuffer event = slice(bytes, (int) length);
      bytes.getInt();
      readEvent(fields(event));
    }
  }

  private void readEvent(Map<Integer, List<Object>> event) {
    long step = event.containsKey(2) ? (long) event.get(2).get(0) : 0;
    if (event.containsKey(7)) {
      scalars.values().forEach(steps -> steps.keySet().removeIf(other -> other >= step));
      pictures.values().forEach(steps -> steps.keySet().removeIf(other -> other >= step));
      histograms.values().forEach(steps -> steps.keySet().removeIf(other -> other >= step));
    }
    for (Object summary : event.getOrDefault(5, List.of())) {
      for (Object value : fields((ByteBuffer) summary).getOrDefault(1, List.of())) {
        Map<Integer, List<Object>> parts = fields((ByteBuffer) value);
        String tag = text(parts.get(1).get(0));
        if (parts.containsKey(2)) {
          scalars
              .computeIfAbsent(tag, unused -> new TreeMap<>())
              .computeIfAbsent(step, unused -> new ArrayList<>())
              .add((float) parts.get(2).get(0));
        } else if (parts.containsKey(4)) {
          pictures
              .computeIfAbsent(tag, unused -> new TreeMap<>())
              .computeIfAbsent(step, unused -> new ArrayList<>())
              .add(picture(fields((ByteBuffer) parts.get(4).get(0))));
        } else if (parts.containsKey(5)) {
          histograms
              .computeIfAbsent(tag, unused -> new TreeMap<>())
              .computeIfAbsent(step, unused -> new ArrayList<>())
              .add(histogram(fields((ByteBuffer) parts.get(5).get(0))));
        } else {
          texts.add(tag + ": " + text(fields((ByteBuffer) parts.get(8).get(0)).get(8).get(0)));
        }
      }
    }
  }

  private static byte[] picture(Map<Integer, List<Object>> image) {
    ByteBuffer file = (ByteBuffer) image.get(4).get(0);
    byte[] bytes = new byte[file.remaining()];
    file.duplicate().get(bytes);
    return bytes;
  }

  private static Histogram histogram(Map<Integer, List<Object>> histogram) {
    List<Double> numbers = new ArrayList<>();
    for (int field = 1; field <= 5; field++) {
      numbers.add((double) histogram.get(field).get(0));
    }
    return new Histogram(
        numbers.get(0),
        numbers.get(1),
        numbers.get(2),
        numbers.get(3),
        numbers.get(4),
        doubles(histogram.get(6).get(0)),
        doubles(histogram.get(7).get(0)));
  }

  private static List<Double> doubles(Object packed) {
    ByteBuffer in = ((ByteBuffer) packed).duplicate().order(ByteOrder.LITTLE_ENDIAN);
    List<Double> values = new ArrayList<>();
    while (in.hasRemaining()) {
      values.add(in.getDouble());
    }
    return values;
  }

  private static Map<Integer, List<Object>> fields(ByteBuffer message) {
    ByteBuffer in = message.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    Map<Integer, List<Object>> fields = new TreeMap<>();
    while (in.hasRemaining()) {
      long tag = varint(in);
      Object value =
          switch ((int) tag & 7) {
            case 0 -> varint(in);
            case 1 -> in.getDouble();
            case 2 -> slice(in, (int) varint(in));
            case 5 -> in.getFloat();
            default -> throw new IllegalStateException("no such type: " + (tag & 7));
          };
      fields.computeIfAbsent((int) (tag >>> 3), unused -> new ArrayList<>()).add(value);
    }
    return fields;
  }

  private static ByteBuffer slice(ByteBuffer in, int length) {
    ByteBuffer slice = in.slice(in.position(), length);
    in.position(in.position() + length);
    return slice;
  }

  private static long varint(ByteBuffer in) {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      byte next = in.get();
      value |= (long) (next & 0x7F) << shift;
      if (next >= 0) {
        return value;
      }
    }
  }

  private static String text(Object bytes) {
    return StandardCharsets.UTF_8.decode(((ByteBuffer) bytes).duplicate()).toString();
  }
}

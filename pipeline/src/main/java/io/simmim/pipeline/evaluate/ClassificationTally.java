package io.simmim.pipeline.evaluate;

import io.simmim.schemas.RejectedImage;
import io.simmim.schemas.TensorChunk;
import io.simmim.schemas.UserError;
import io.simmim.schemas.evaluation.EpochAccuracy;
import io.simmim.schemas.storage.WholeFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.flink.core.fs.Path;

/** Counts what a classifier says of labelled images; chunks come in any order. */
final class ClassificationTally {
  private static final String PER_CLASS = "per-class.csv";
  private static final String CONFUSION = "confusion.csv";
  private static final int FEW = 5;

  private final List<String> classes;
  private final long[] images;
  private final long[] first;
  private final long[] amongFive;

  /** Images by their class times the number of classes, plus what they are said to be. */
  private final Map<Long, Long> confusions = new TreeMap<>();

  /** Sum of each chunk, so that the whole does not depend on their order. */
  private final Map<Long, Double> losses = new TreeMap<>();

  private long rejected;
  private long firstRejectedId = Long.MAX_VALUE;
  private String firstRejected = "";

  ClassificationTally(List<String> classes) {
    this.classes = classes;
    images = new long[classes.size()];
    first = new long[classes.size()];
    amongFive = new long[classes.size()];
  }

  /**
   * Counts the images of a chunk.
   *
   * @param labels (m), their classes
   * @param logits (m, C)
   */
  void add(TensorChunk chunk, int[] labels, float[] logits) {
    double loss = 0;
    int count = classes.size();
    for (int i = 0; i < labels.length; i++) {
      int label = labels[i];
      int said = 0;
      int rank = 0;
      double largest = Double.NEGATIVE_INFINITY;
      float own = logits[i * count + label];
      for (int c = 0; c < count; c++) {
        float logit = logits[i * count + c];
        said = logit > logits[i * count + said] ? c : said;
        largest = Math.max(largest, logit);
        // Not the other way round: a number that is none is never right.
        rank += c == label || logit < own || (logit == own && c > label) ? 0 : 1;
      }
      double sum = 0;
      for (int c = 0; c < count; c++) {
        sum += StrictMath.exp(logits[i * count + c] - largest);
      }
      loss += largest + StrictMath.log(sum) - own;
      images[label]++;
      first[label] += rank == 0 && !Float.isNaN(own) ? 1 : 0;
      amongFive[label] += rank < FEW && !Float.isNaN(own) ? 1 : 0;
      confusions.merge((long) label * count + said, 1L, Long::sum);
    }
    losses.put(chunk.index(), loss);
    rejected += chunk.rejected().size();
    for (RejectedImage image : chunk.rejected()) {
      if (image.sampleId() < firstRejectedId) {
        firstRejectedId = image.sampleId();
        firstRejected = image.uri() + ": " + image.reason();
      }
    }
  }

  /** Images that could not be used. */
  long rejected() {
    return rejected;
  }

  /** The first of them and why. */
  Optional<String> firstRejected() {
    return rejected == 0 ? Optional.empty() : Optional.of(firstRejected);
  }

  /**
   * How often the classifier was right.
   *
   * @throws UserError if no image could be used
   */
  EpochAccuracy accuracy(int epoch, long step) {
    long all = sum(images);
    if (all == 0) {
      throw new UserError(
          "--validation: no image can be used: " + firstRejected().orElse("there is none"));
    }
    double loss = losses.values().stream().mapToDouble(Double::doubleValue).sum();
    return new EpochAccuracy(
        epoch, step, sum(first), sum(amongFive), all, loss / all, System.currentTimeMillis());
  }

  private static long sum(long[] counts) {
    long sum = 0;
    for (long count : counts) {
      sum += count;
    }
    return sum;
  }

  /** Writes both tables, in the place of those before. */
  void writeTables(String folder) throws IOException {
    StringBuilder perClass = new StringBuilder("class,images,top1,top5\n");
    for (int c = 0; c < classes.size(); c++) {
      perClass.append(
          String.format(
              Locale.ROOT,
              "%s,%d,%d,%d\n",
              quoted(classes.get(c)),
              images[c],
              first[c],
              amongFive[c]));
    }
    StringBuilder confusion = new StringBuilder("class,said,images\n");
    confusions.forEach(
        (pair, count) ->
            confusion.append(
                String.format(
                    Locale.ROOT,
                    "%s,%s,%d\n",
                    quoted(classes.get((int) (pair / classes.size()))),
                    quoted(classes.get((int) (pair % classes.size()))),
                    count)));
    write(folder, PER_CLASS, perClass);
    write(folder, CONFUSION, confusion);
  }

  private static void write(String folder, String name, StringBuilder text) throws IOException {
    WholeFile.write(new Path(folder, name), text.toString().getBytes(StandardCharsets.UTF_8));
  }

  private static String quoted(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }
}

package io.simmim.pipeline.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.trainer.inference.CosineSimilarity;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class NearestNeighboursTest {
  private static final int WIDTH = 2;

  @Test
  void keepsTheNearestWhateverTheOrderTheyComeIn() {
    Random random = new Random(5);
    List<LabelledFeatures> parts = new ArrayList<>();
    for (int chunk = 0; chunk < 10; chunk++) {
      parts.add(features(chunk, 7, random));
    }
    LabelledFeatures queries = features(0, 4, random);
    List<int[]> expected = classes(queries, parts);
    for (int round = 0; round < 5; round++) {
      Collections.shuffle(parts, random);

      assertThat(classes(queries, parts)).containsExactlyElementsOf(expected);
    }

    // The classes are the numbers of the vectors here.
    LabelledFeatures all = LabelledFeatures.joined(sorted(parts));
    for (int query = 0; query < 4; query++) {
      int at = query;
      assertThat(expected.get(query))
          .containsExactly(
              IntStream.range(0, 70)
                  .boxed()
                  .sorted(Comparator.comparingDouble(i -> -cosine(queries, at, all, i)))
                  .limit(5)
                  .mapToInt(i -> i)
                  .toArray());
    }
  }

  @Test
  void prefersTheLowerNumberOfEquallyNearOnes() {
    LabelledFeatures query =
        new LabelledFeatures(0, new long[] {0}, new int[] {0}, new float[] {1, 0});
    float[] same = {1, 0, 1, 0};
    LabelledFeatures late = new LabelledFeatures(1, new long[] {8, 9}, new int[] {8, 9}, same);
    LabelledFeatures early = new LabelledFeatures(0, new long[] {2, 3}, new int[] {2, 3}, same);

    assertThat(classes(query, List.of(late, early)).get(0)).containsExactly(2, 3, 8, 9);
  }

  private static List<LabelledFeatures> sorted(List<LabelledFeatures> parts) {
    return parts.stream().sorted(Comparator.comparingLong(LabelledFeatures::chunk)).toList();
  }

  private static List<int[]> classes(LabelledFeatures queries, List<LabelledFeatures> parts) {
    try (NearestNeighbours nearest = new NearestNeighbours(queries, 5)) {
      for (LabelledFeatures part : parts) {
        nearest.add(part, CosineSimilarity.normalised(part.vectors(), WIDTH));
      }
      List<int[]> classes = new ArrayList<>();
      for (int query = 0; query < nearest.size(); query++) {
        classes.add(nearest.classes(query));
        assertThat(nearest.similarities(query)).isSortedAccordingTo(Comparator.reverseOrder());
      }
      return classes;
    }
  }

  private static double cosine(LabelledFeatures a, int i, LabelledFeatures b, int j) {
    double angleA = Math.atan2(a.vectors()[2 * i + 1], a.vectors()[2 * i]);
    double angleB = Math.atan2(b.vectors()[2 * j + 1], b.vectors()[2 * j]);
    return Math.cos(angleA - angleB);
  }

  private static LabelledFeatures features(int chunk, int images, Random random) {
    long[] ids = new long[images];
    int[] labels = new int[images];
    float[] vectors = new float[images * WIDTH];
    for (int i = 0; i < images; i++) {
      ids[i] = chunk * 7L + i;
      labels[i] = chunk * 7 + i;
      vectors[2 * i] = (float) random.nextGaussian();
      vectors[2 * i + 1] = (float) random.nextGaussian();
    }
    return new LabelledFeatures(chunk, ids, labels, vectors);
  }
}

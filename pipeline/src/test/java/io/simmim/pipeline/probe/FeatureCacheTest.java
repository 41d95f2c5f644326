package io.simmim.pipeline.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.pipeline.evaluate.LabelledFeatures;
import io.simmim.schemas.UserError;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FeatureCacheTest {
  @TempDir private Path folder;

  @Test
  void givesPartsOfImagesThatCameInAnyOrder() throws IOException {
    try (FeatureCache cache = FeatureCache.create(folder, 8, 3, 3)) {
      cache.put(features(1, new long[] {5, 7}, new int[] {2, 0}, 51, 52, 53, 71, 72, 73));
      cache.put(features(0, new long[] {1}, new int[] {1}, 11, 12, 13));

      assertThat(cache.images()).containsExactly(1, 5, 7);
      assertThat(cache.labels(new int[] {7, 1, 5})).containsExactly(0, 1, 2);
      FloatBuffer values =
          cache.values(new int[] {7, 1}, 1, 2, ByteBuffer.allocateDirect(4 * Float.BYTES));
      assertThat(values).isEqualTo(FloatBuffer.wrap(new float[] {72, 73, 12, 13}));
    }
  }

  @Test
  void leavesNoFile() throws IOException {
    try (FeatureCache cache = FeatureCache.create(folder, 1, 1, 1)) {
      cache.put(features(0, new long[] {0}, new int[] {0}, 1));

      assertThat(folder).isEmptyDirectory();
    }
  }

  @Test
  void refusesWhatTheFolderHasNoSpaceFor() {
    assertThatThrownBy(() -> FeatureCache.create(folder, 2, 2_000_000_000, 1_000_000_000))
        .isInstanceOf(UserError.class)
        .hasMessageMatching(
            "the features of 2,000,000,000 images need 8000000000\\.0 GB in "
                + folder
                + ", where \\d+\\.\\d GB are free \\(--cache DIR names another folder; that of a run is"
                + " its java\\.io\\.tmpdir\\)");
  }

  /** Most images of a bucket may have no class. */
  @Test
  void needsNoSpaceForImagesWithoutFeatures() throws IOException {
    int images = 4_000_000;
    int width = 500_000; // 8 TB of all of them
    try (FeatureCache cache = FeatureCache.create(folder, images, 1, width)) {
      float[] vector = new float[width];
      vector[width - 1] = 5;
      cache.put(features(0, new long[] {images - 1}, new int[] {0}, vector));

      assertThat(cache.images()).containsExactly(images - 1);
      assertThat(
              cache.values(
                  new int[] {images - 1}, width - 1, 1, ByteBuffer.allocateDirect(Float.BYTES)))
          .isEqualTo(FloatBuffer.wrap(new float[] {5}));
    }
  }

  private static LabelledFeatures features(
      long chunk, long[] images, int[] labels, float... vectors) {
    return new LabelledFeatures(chunk, images, labels, vectors);
  }
}

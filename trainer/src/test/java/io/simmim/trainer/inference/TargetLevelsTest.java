package io.simmim.trainer.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.simmim.trainer.loop.SmallModels;
import io.simmim.trainer.model.ModelConfig;
import java.util.Random;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The targets are computed here as their definitions say, pixel by pixel. */
class TargetLevelsTest {
  private static final int IMAGES = 2;
  private final Random random = new Random(6);

  private float[] images(ModelConfig model) {
    float[] pixels = new float[IMAGES * 3 * model.imageSize() * model.imageSize()];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (float) (random.nextGaussian() + i % 7);
    }
    return pixels;
  }

  /** A pixel relative to the mean and deviation of those with it. */
  private static float relative(float[] pixels, int at, IntPredicate isWith) {
    double[] those =
        IntStream.range(0, pixels.length).filter(isWith).mapToDouble(i -> pixels[i]).toArray();
    double mean = IntStream.range(0, those.length).mapToDouble(i -> those[i]).average().orElse(0);
    double squares = 0;
    for (double value : those) {
      squares += (value - mean) * (value - mean);
    }
    return (float) ((pixels[at] - mean) / Math.sqrt(squares / (those.length - 1) + 1e-6));
  }

  private void assertRestores(ModelConfig model, IntPredicate[] isWith, int[] places) {
    float[] pixels = images(model);
    float[] predicted = new float[pixels.length];
    for (int i = 0; i < places.length; i++) {
      predicted[places[i]] = relative(pixels, places[i], isWith[i]);
    }
    TargetLevels levels = new TargetLevels(model);

    levels.restore(predicted, pixels);

    assertThat(levels.areLost()).isTrue();
    for (int place : places) {
      assertThat(predicted[place]).isCloseTo(pixels[place], within(1e-4f));
    }
  }

  @Test
  void thoseOfACellAreThoseOfAllItsChannels() {
    ModelConfig model = SmallModels.all().get("mae");
    int size = model.imageSize();
    int cell = model.encoder().stride();
    int[] places = {0, size * size - 1, 2 * size * size + 21 * size + 40, 4 * size * size + 17};
    IntPredicate[] isWith = new IntPredicate[places.length];
    for (int i = 0; i < places.length; i++) {
      int place = places[i];
      isWith[i] =
          other ->
              other / (3 * size * size) == place / (3 * size * size)
                  && other / size % size / cell == place / size % size / cell
                  && other % size / cell == place % size / cell;
    }
    assertRestores(model, isWith, places);
  }

  @Test
  void thoseOfANeighbourhoodAreThoseOfItsPartInTheImage() {
    ModelConfig model = SmallModels.all().get("swin, low resolution, local norm");
    int size = model.imageSize();
    int reach = model.target().normPatchSize() / 2;
    int[] places = {0, size * size - 1, 2 * size * size + 21 * size + 40, 4 * size * size + 17};
    IntPredicate[] isWith = new IntPredicate[places.length];
    for (int i = 0; i < places.length; i++) {
      int place = places[i];
      isWith[i] =
          other ->
              other / (size * size) == place / (size * size)
                  && Math.abs(other / size % size - place / size % size) <= reach
                  && Math.abs(other % size - place % size) <= reach;
    }
    assertRestores(model, isWith, places);
  }

  @Test
  void pixelsAsTheyAreHaveTheirs() {
    assertThat(new TargetLevels(SmallModels.all().get("vit")).areLost()).isFalse();
    assertThat(new TargetLevels(SmallModels.all().get("bins")).areLost()).isFalse();
  }
}

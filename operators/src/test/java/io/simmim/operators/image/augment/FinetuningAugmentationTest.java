package io.simmim.operators.image.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.simmim.operators.image.Goldens;
import io.simmim.operators.image.ImagePath;
import io.simmim.operators.image.crop.CropBox;
import io.simmim.operators.image.crop.ImageConfig;
import io.simmim.operators.image.crop.Interpolation;
import io.simmim.operators.image.crop.InterpolationChoice;
import io.simmim.operators.image.crop.ResizedCrop;
import io.simmim.operators.image.mask.NoMask;
import io.simmim.operators.image.pixel.RgbPlanes;
import io.simmim.operators.image.randaugment.PixelOperation;
import io.simmim.schemas.EncodedChunk;
import io.simmim.schemas.EncodedImage;
import io.simmim.schemas.ImageRef;
import io.simmim.schemas.TensorChunk;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class FinetuningAugmentationTest {
  private static final int SIZE = 32;
  private static final int IMAGE_BYTES = 3 * SIZE * SIZE;
  private static final long SEED = 5;
  private static final int IMAGES = 24;
  private static final ImageConfig CROPS =
      new ImageConfig(SIZE, 0.08, 1, 3.0 / 4, 4.0 / 3, 0.5, 178);
  private static final String TEXT = "rand-m9-mstd0.5-inc1";

  @Test
  void cropsLargeAndSmallPartsBicubically() {
    FinetuningAugmentation augmentation = augmentation(TEXT);
    double smallest = 1;
    int flipped = 0;
    for (int position = 0; position < 1000; position++) {
      ResizedCrop crop = augmentation.crop(400, 300, new SampleDraws(SEED, 0, position));
      CropBox box = crop.source();
      smallest = Math.min(smallest, box.width() * box.height() / (400.0 * 300));
      flipped += crop.flip() ? 1 : 0;
      assertThat(crop.interpolation()).isEqualTo(Interpolation.BICUBIC);
    }
    assertThat(smallest).isBetween(0.078, 0.1);
    assertThat(flipped / 1000.0).isCloseTo(0.5, within(0.05));
  }

  @Test
  void changesTheCropByTheOperationsOfTheSample() throws IOException {
    byte[] plain = apply(augmentation(null), 1, 0, IMAGES);
    byte[] changed = apply(augmentation(TEXT), 1, 0, IMAGES);

    byte[] expected = plain.clone();
    RgbPlanes planes = new RgbPlanes(SIZE, SIZE);
    int operations = 0;
    for (int i = 0; i < IMAGES; i++) {
      for (PixelOperation operation : augmentation(TEXT).operations(new SampleDraws(SEED, 1, i))) {
        operation.apply(planes.at(expected, i * IMAGE_BYTES), new int[] {124, 116, 104});
        operations++;
      }
    }
    assertThat(operations).isGreaterThan(IMAGES / 2);
    assertThat(changed).isEqualTo(expected).isNotEqualTo(plain);
  }

  /** What becomes 0 when the model normalises it. */
  @Test
  void fillsWhatIsMovedAwayWithTheMeanOfTheModel() throws IOException {
    ImageConfig half =
        new ImageConfig(
            SIZE,
            0.08,
            1,
            3.0 / 4,
            4.0 / 3,
            0.5,
            178,
            List.of(0.5, 0.5, 0.5),
            List.of(0.5, 0.5, 0.5));
    byte[] expected = apply(CROPS, augmentation(null), 1, 0, IMAGES);
    RgbPlanes planes = new RgbPlanes(SIZE, SIZE);
    for (int i = 0; i < IMAGES; i++) {
      for (PixelOperation operation : augmentation(TEXT).operations(new SampleDraws(SEED, 1, i))) {
        operation.apply(planes.at(expected, i * IMAGE_BYTES), new int[] {128, 128, 128});
      }
    }

    assertThat(apply(half, augmentation(TEXT), 1, 0, IMAGES))
        .isEqualTo(expected)
        .isNotEqualTo(apply(augmentation(TEXT), 1, 0, IMAGES));
  }

  @Test
  void givesASampleTheSamePixelsWhereverAChunkBegins() throws Exception {
    byte[] whole = apply(augmentation(TEXT), 2, 0, IMAGES);
    byte[] rest = apply(copy(augmentation(TEXT)), 2, 7, IMAGES - 7);

    assertThat(rest).isEqualTo(Arrays.copyOfRange(whole, 7 * IMAGE_BYTES, whole.length));
    assertThat(apply(augmentation(TEXT), 3, 0, IMAGES)).isNotEqualTo(whole);
  }

  @Test
  void refusesAnotherText() {
    assertThatThrownBy(() -> augmentation("autoaugment"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("finetune.rand-augment must be none, or rand and sections ");
  }

  private static FinetuningAugmentation augmentation(String randAugment) {
    return new FinetuningAugmentation(CROPS, InterpolationChoice.BICUBIC, randAugment);
  }

  private static FinetuningAugmentation copy(FinetuningAugmentation augmentation)
      throws IOException, ClassNotFoundException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream objects = new ObjectOutputStream(bytes)) {
      objects.writeObject(augmentation);
    }
    try (ObjectInputStream objects =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      return (FinetuningAugmentation) objects.readObject();
    }
  }

  private static byte[] apply(Augmentation augmentation, int epoch, int position, int images)
      throws IOException {
    return apply(CROPS, augmentation, epoch, position, images);
  }

  private static byte[] apply(
      ImageConfig config, Augmentation augmentation, int epoch, int position, int images)
      throws IOException {
    byte[] file = Goldens.jpeg("baseline_420.jpg");
    EncodedImage image = EncodedImage.of(new ImageRef(0, "file:/image.jpg", 0, file.length), file);
    try (ImagePath path = new ImagePath(config, augmentation, new NoMask(4), SEED)) {
      TensorChunk chunk =
          path.apply(new EncodedChunk(0, epoch, position, Collections.nCopies(images, image)));
      assertThat(chunk.size()).isEqualTo(images);
      return chunk.pixels();
    }
  }
}

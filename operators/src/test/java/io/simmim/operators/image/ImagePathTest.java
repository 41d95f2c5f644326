package io.simmim.operators.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.operators.image.crop.ImageConfig;
import io.simmim.operators.image.drawn.DrawnJpegs;
import io.simmim.operators.image.drawn.DrawnPngs;
import io.simmim.operators.image.mask.MaskConfig;
import io.simmim.schemas.EncodedChunk;
import io.simmim.schemas.EncodedImage;
import io.simmim.schemas.ImageRef;
import io.simmim.schemas.ImagesInTurn;
import io.simmim.schemas.RejectedImage;
import io.simmim.schemas.TensorChunk;
import java.awt.image.BufferedImage;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class ImagePathTest {
  private static final int SIZE = 64;
  private static final MaskConfig MASK = new MaskConfig(16, 0.6);
  private static final int IMAGE_BYTES = 3 * SIZE * SIZE;

  @Test
  void dependsOnSeedEpochAndPositionAlone() {
    List<EncodedImage> images = drawn(6);
    TensorChunk whole = apply(7, 2, 10, images);
    TensorChunk tail = apply(7, 2, 13, images.subList(3, 6));

    assertThat(tail.pixels())
        .isEqualTo(Arrays.copyOfRange(whole.pixels(), 3 * IMAGE_BYTES, 6 * IMAGE_BYTES));
    assertThat(tail.masks()).isEqualTo(Arrays.copyOfRange(whole.masks(), 3 * 16, 6 * 16));
    assertThat(apply(8, 2, 10, images).pixels()).isNotEqualTo(whole.pixels());
    assertThat(apply(7, 3, 10, images).pixels()).isNotEqualTo(whole.pixels());
    assertThat(apply(7, 2, 11, images).masks()).isNotEqualTo(whole.masks());
  }

  @Test
  void masksExactlyTheRatioRoundedUp() {
    TensorChunk chunk = apply(1, 0, 0, drawn(8));
    for (int i = 0; i < 8; i++) {
      int masked = 0;
      for (byte patch : Arrays.copyOfRange(chunk.masks(), i * 16, (i + 1) * 16)) {
        masked += patch;
      }
      assertThat(masked).isEqualTo(10); // ceil(16 x 0.6)
    }
  }

  @Test
  void refusesACropOfMoreRowsThanTheHeapShouldHold() {
    byte[] content = Arrays.copyOfRange(new DrawnPngs(1, 1, 1, 8, 0, false).file(), 16, 29);
    ByteBuffer.wrap(content).putInt(400).putInt(400_000);
    byte[] tall = DrawnPngs.file(DrawnPngs.chunk("IHDR", content));
    ImageConfig anyShape = new ImageConfig(128, 0.9, 1, 0.001, 1000, 0, 178);

    TensorChunk chunk = apply(anyShape, 1, 0, 0, List.of(Goldens.image(0, tall)));

    assertThat(chunk.rejected())
        .singleElement()
        .extracting(RejectedImage::reason)
        .asString()
        .matches("decoding a crop of 400 x \\d+ pixels takes \\d+ MB of heap \\(allowed: 67\\)");
  }

  @Test
  void flipsAboutHalfOfTheImagesAndMirrorsThemExactly() {
    ImageConfig never = new ImageConfig(SIZE, 0.67, 1, 0.75, 4.0 / 3, 0, 178);
    ImageConfig always = new ImageConfig(SIZE, 0.67, 1, 0.75, 4.0 / 3, 1, 178);
    List<EncodedImage> images = drawn(40);
    byte[] plain = apply(never, 1, 0, 0, images).pixels();
    byte[] mirrored = apply(always, 1, 0, 0, images).pixels();
    byte[] mixed = apply(ImageConfig.ofSize(SIZE), 1, 0, 0, images).pixels();

    int flips = 0;
    for (int row = 0; row < plain.length / SIZE; row++) {
      for (int x = 0; x < SIZE; x++) {
        assertThat(mirrored[row * SIZE + x]).isEqualTo(plain[row * SIZE + SIZE - 1 - x]);
      }
    }
    for (int i = 0; i < 40; i++) {
      int from = i * IMAGE_BYTES;
      int to = from + IMAGE_BYTES;
      if (Arrays.equals(mixed, from, to, mirrored, from, to)) {
        flips++;
      } else {
        assertThat(Arrays.equals(mixed, from, to, plain, from, to)).isTrue();
      }
    }
    assertThat(flips).isBetween(10, 30);
  }

  @Test
  void leavesOutWhatCannotBeReadWithoutTouchingTheRest() throws Exception {
    List<EncodedImage> good = drawn(4);
    List<EncodedImage> mixed = new ArrayList<>(good);
    ImageRef versioned = new ImageRef(2, "file:/2.jpg", 0, 1, "", "", "v:7");
    mixed.set(1, EncodedImage.of(ref(1), bad("truncated_half.jpg")));
    mixed.set(2, EncodedImage.failed(versioned, "deleted\nsince it was listed"));
    long before = System.currentTimeMillis();

    TensorChunk all = apply(5, 0, 0, good);
    TensorChunk some = apply(5, 0, 0, mixed);

    assertThat(some.sampleIds()).containsExactly(0, 3);
    assertThat(some.pixels())
        .startsWith(Arrays.copyOf(all.pixels(), IMAGE_BYTES))
        .endsWith(Arrays.copyOfRange(all.pixels(), 3 * IMAGE_BYTES, 4 * IMAGE_BYTES));
    assertThat(some.rejected())
        .usingRecursiveFieldByFieldElementComparatorIgnoringFields("epochMillis")
        .containsExactly(
            new RejectedImage(
                1, "file:/1.jpg", "truncated: the file ends inside the scan, after 9755 bytes"),
            new RejectedImage(2, "file:/2.jpg", "deleted since it was listed", "v:7", 0));
    assertThat(some.rejected())
        .allSatisfy(
            image -> assertThat(image.epochMillis()).isBetween(before, System.currentTimeMillis()));
  }

  /** A large chunk gives up each image with the next one; the last one before it is sent on. */
  @Test
  void looksAtImagesInTurnAndGivesUpTheLast() {
    List<EncodedImage> images = drawn(3);
    List<Integer> taken = new ArrayList<>();
    ImagesInTurn inTurn =
        new ImagesInTurn() {
          @Override
          public EncodedImage get(int place) {
            if (taken.isEmpty() || taken.get(taken.size() - 1) != place) {
              taken.add(place);
            }
            return images.get(place);
          }

          @Override
          public int size() {
            return images.size();
          }

          @Override
          public void end() {
            taken.add(-1);
          }
        };

    assertThat(apply(7, 2, 10, inTurn))
        .usingRecursiveComparison()
        .isEqualTo(apply(7, 2, 10, images));
    assertThat(taken).containsExactly(0, 1, 2, -1);
  }

  @Test
  void refusesMorePixelsThanAllowedBeforeDecoding() throws Exception {
    TensorChunk chunk =
        apply(5, 0, 0, List.of(EncodedImage.of(ref(0), bad("bomb_65535x65535.jpg"))));

    assertThat(chunk.size()).isZero();
    assertThat(chunk.rejected().get(0).reason())
        .isEqualTo(
            "the JPEG header claims 65535 x 65535 pixels; max-megapixels allows 178.0 million");
  }

  /** The same image has the same line in rejected.jsonl whatever machine decodes it. */
  @Test
  void givesReasonsInTheDigitsOfNoLanguage() throws Exception {
    EncodedImage[] images = {
      EncodedImage.of(ref(0), bad("bomb_65535x65535.jpg")),
      EncodedImage.of(ref(1), Arrays.copyOf(new DrawnPngs(1, 9, 9, 8, 0, false).file(), 45))
    };
    List<RejectedImage> here = apply(5, 0, 0, List.of(images)).rejected();
    Locale before = Locale.getDefault();
    Locale.setDefault(new Locale.Builder().setLanguageTag("ar-EG").build());
    try {
      assertThat(apply(5, 0, 0, List.of(images)).rejected())
          .extracting(RejectedImage::reason)
          .containsExactlyElementsOf(here.stream().map(RejectedImage::reason).toList());
    } finally {
      Locale.setDefault(before);
    }
    assertThat(here).hasSize(2);
  }

  @Test
  void countsWhichDecoderDecodedWhat() throws Exception {
    try (ImagePath path = new ImagePath(ImageConfig.ofSize(SIZE), MASK, 0)) {
      path.apply(
          new EncodedChunk(
              0,
              0,
              0,
              List.of(
                  drawn(1).get(0),
                  EncodedImage.of(ref(1), golden("jpeg/progressive.jpg")),
                  EncodedImage.of(ref(2), bad("png_named.jpg")),
                  EncodedImage.of(ref(3), bad("empty.jpg")))));

      assertThat(path.counts()).isEqualTo(new ImageCounts(1, 1, 0, 1, 0, 1));
      assertThat(path.stageTimes().images()).isEqualTo(3);
    }
  }

  private static TensorChunk apply(long seed, int epoch, long position, List<EncodedImage> images) {
    return apply(ImageConfig.ofSize(SIZE), seed, epoch, position, images);
  }

  private static TensorChunk apply(
      ImageConfig config, long seed, int epoch, long position, List<EncodedImage> images) {
    try (ImagePath path = new ImagePath(config, MASK, seed)) {
      return path.apply(new EncodedChunk(0, epoch, position, images));
    }
  }

  private static List<EncodedImage> drawn(int count) {
    List<EncodedImage> images = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      images.add(
          EncodedImage.of(
              ref(i), DrawnJpegs.draw(i, 80 + 7 * i, 140 - i, 0.9f, BufferedImage.TYPE_INT_RGB)));
    }
    return images;
  }

  private static ImageRef ref(long id) {
    return new ImageRef(id, "file:/" + id + ".jpg", 0, 1);
  }

  private static byte[] bad(String name) throws Exception {
    return golden("jpeg_bad/" + name);
  }

  private static byte[] golden(String name) throws URISyntaxException, java.io.IOException {
    return Files.readAllBytes(Path.of(ImagePathTest.class.getResource("/goldens/" + name).toURI()));
  }
}

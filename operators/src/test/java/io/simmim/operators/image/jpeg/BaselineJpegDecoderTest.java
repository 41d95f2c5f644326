package io.simmim.operators.image.jpeg;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.operators.image.codec.DecodeMemory;
import io.simmim.operators.image.codec.ImageHeader;
import io.simmim.operators.image.codec.PixelSink;
import io.simmim.operators.image.codec.PlanarSink;
import io.simmim.operators.image.codec.UnreadableImageException;
import io.simmim.operators.image.crop.CropBox;
import io.simmim.operators.image.drawn.DrawnJpegs;
import io.simmim.operators.image.format.ImageHeaders;
import io.simmim.operators.image.format.OpenCvDecoder;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The Java decoder against libjpeg-turbo, through OpenCV: every pixel must be the same. */
class BaselineJpegDecoderTest {
  /** Behind the headers of the files used here. */
  private static final int SCAN = 700;

  private final BaselineJpegDecoder baseline = new BaselineJpegDecoder();
  private final OpenCvDecoder openCv = new OpenCvDecoder(DecodeMemory.shared(1L << 30));

  @AfterEach
  void close() {
    openCv.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "baseline_420.jpg",
        "baseline_422.jpg",
        "baseline_444.jpg",
        "exif_orientation_6.jpg",
        "grayscale.jpg",
        "icc_srgb.jpg",
        "large_2000x1500.jpg",
        "restart_markers.jpg",
        "wide_640x64.jpg"
      })
  void decodesEveryCropOfRecordedFilesAsLibjpegDoes(String name) throws Exception {
    byte[] file = recorded("jpeg/" + name);
    ImageHeader header = ImageHeaders.parse(file);
    Random random = new Random(1);
    for (int i = 0; i < 6; i++) {
      assertSamePixels(file, header, i == 0 ? whole(header) : box(header, random));
    }
  }

  @Test
  void decodesDrawnImagesOfManySizesAsLibjpegDoes() throws Exception {
    Random random = new Random(2);
    for (int i = 0; i < 60; i++) {
      int width = 6 + random.nextInt(120);
      int height = 6 + random.nextInt(120);
      int type = i % 5 == 0 ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_INT_RGB;
      byte[] file = DrawnJpegs.draw(i, width, height, 0.05f + 0.95f * random.nextFloat(), type);
      ImageHeader header = ImageHeaders.parse(file);
      assertSamePixels(file, header, whole(header));
      assertSamePixels(file, header, box(header, random));
    }
  }

  /** Narrow crops come in taller strips than wide ones; the decoder keeps the columns of both. */
  @Test
  void decodesTallAndWideImagesInTurnAsLibjpegDoes() throws Exception {
    int[][] shapes = {{24, 1300}, {2300, 300}, {600, 900}, {24, 1300}};
    for (int[] shape : shapes) {
      byte[] file = DrawnJpegs.draw(shape[1], shape[0], shape[1], 0.8f, BufferedImage.TYPE_INT_RGB);
      ImageHeader header = ImageHeaders.parse(file);
      assertSamePixels(file, header, whole(header));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"progressive.jpg", "cmyk.jpg"})
  void leavesOtherKindsOfJpegToOpenCv(String name) throws Exception {
    byte[] file = recorded("jpeg/" + name);
    assertThat(decoded(file, ImageHeaders.parse(file), true)).isEmpty();
  }

  /**
   * Damage is noticed, and left to OpenCV, or decoded; then mostly to the same pixels. Where
   * damaged coefficients overflow, libjpeg's own C and vector code differ from each other too.
   */
  @Test
  void decodesDamagedScansRepeatablyOrLeavesThem() throws Exception {
    byte[][] files = {
      DrawnJpegs.draw(3, 90, 70, 0.8f, BufferedImage.TYPE_INT_RGB),
      recorded("jpeg/restart_markers.jpg"),
      recorded("jpeg/baseline_422.jpg")
    };
    Random random = new Random(4);
    int decoded = 0;
    int same = 0;
    for (int i = 0; i < 600; i++) {
      byte[] file = files[i % files.length].clone();
      for (int damage = 0; damage <= i % 4; damage++) {
        file[SCAN + random.nextInt(file.length - SCAN - 2)] = (byte) random.nextInt();
      }
      Optional<ImageHeader> header = small(file);
      Optional<byte[]> ours =
          header.isEmpty() ? Optional.empty() : decoded(file, header.get(), true);
      if (ours.isPresent()) {
        decoded++;
        assertThat(decoded(file, header.get(), true).map(Arrays::hashCode))
            .isEqualTo(ours.map(Arrays::hashCode));
        if (Arrays.equals(ours.get(), decoded(file, header.get(), false).orElse(null))) {
          same++;
        }
      }
    }
    assertThat(decoded).isPositive();
    assertThat((double) same / decoded).isGreaterThan(0.85);
  }

  private static Optional<ImageHeader> small(byte[] file) {
    try {
      return Optional.of(ImageHeaders.parse(file)).filter(header -> header.pixels() < 1_000_000);
    } catch (UnreadableImageException e) {
      return Optional.empty();
    }
  }

  private void assertSamePixels(byte[] file, ImageHeader header, CropBox crop)
      throws UnreadableImageException {
    PlanarSink ours = new PlanarSink(crop.width(), crop.height());
    PlanarSink theirs = new PlanarSink(crop.width(), crop.height());
    assertThat(baseline.decode(file, header, crop, ours)).isTrue();
    assertThat(openCv.decode(JpegOutline.of(file), crop, theirs)).isTrue();
    assertThat(Arrays.mismatch(ours.planes, theirs.planes))
        .as("first difference in %s of %s", crop, header)
        .isEqualTo(-1);
  }

  private Optional<byte[]> decoded(byte[] file, ImageHeader header, boolean java) {
    PlanarSink sink = new PlanarSink(header.width(), header.height());
    CropBox crop = whole(header);
    boolean done = java ? baseline.decode(file, header, crop, sink) : decoded(file, crop, sink);
    return done ? Optional.of(sink.planes) : Optional.empty();
  }

  private boolean decoded(byte[] file, CropBox crop, PixelSink sink) {
    try {
      return openCv.decode(JpegOutline.of(file), crop, sink);
    } catch (UnreadableImageException e) {
      return false;
    }
  }

  private static CropBox whole(ImageHeader header) {
    return CropBox.whole(header.width(), header.height());
  }

  private static CropBox box(ImageHeader header, Random random) {
    int width = 1 + random.nextInt(header.width());
    int height = 1 + random.nextInt(header.height());
    return new CropBox(
        random.nextInt(header.height() - height + 1),
        random.nextInt(header.width() - width + 1),
        height,
        width);
  }

  private static byte[] recorded(String name) throws IOException, URISyntaxException {
    return Files.readAllBytes(
        Path.of(BaselineJpegDecoderTest.class.getResource("/goldens/" + name).toURI()));
  }
}

package io.simmim.operators.image.png;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.operators.image.codec.DecodeMemory;
import io.simmim.operators.image.codec.ImageFormat;
import io.simmim.operators.image.codec.ImageHeader;
import io.simmim.operators.image.codec.PlanarSink;
import io.simmim.operators.image.codec.UnreadableImageException;
import io.simmim.operators.image.crop.CropBox;
import io.simmim.operators.image.drawn.DrawnPngs;
import io.simmim.operators.image.format.ImageHeaders;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PngDecoderTest {
  private final PngDecoder decoder = new PngDecoder(DecodeMemory.shared(1 << 20));
  private final DrawnPngs picture = new DrawnPngs(1, 20, 10, 8, DrawnPngs.RGB, false);

  static Stream<Arguments> formats() {
    return Stream.of(
            new int[] {DrawnPngs.GRAY, 1, 2, 4, 8, 16},
            new int[] {DrawnPngs.RGB, 8, 16},
            new int[] {DrawnPngs.PALETTE, 1, 2, 4, 8},
            new int[] {DrawnPngs.GRAY_ALPHA, 8, 16},
            new int[] {DrawnPngs.RGB_ALPHA, 8, 16})
        .flatMap(
            all ->
                IntStream.of(all)
                    .skip(1)
                    .boxed()
                    .flatMap(
                        depth ->
                            Stream.of(
                                Arguments.of(all[0], depth, false),
                                Arguments.of(all[0], depth, true))));
  }

  @ParameterizedTest
  @MethodSource("formats")
  void decodesEveryCropOfEveryFormat(int colorType, int depth, boolean interlaced)
      throws Exception {
    Random random = new Random(depth);
    int[][] sizes = {{1, 1}, {2, 3}, {5, 4}, {9, 8}, {100, 1}, {1, 90}, {37, 150}};
    for (int[] size : sizes) {
      DrawnPngs drawn =
          new DrawnPngs(random.nextLong(), size[0], size[1], depth, colorType, interlaced);
      byte[] file = drawn.file();
      CropBox whole = CropBox.whole(size[0], size[1]);
      assertThat(decoded(file, whole)).isEqualTo(expected(drawn, whole));
      CropBox part = box(random, size[0], size[1]);
      assertThat(decoded(file, part)).isEqualTo(expected(drawn, part));
    }
  }

  @Test
  void readsAFileWithoutItsEndIfAllRowsAreThere() throws Exception {
    byte[] file = picture.file();
    byte[] all = decoded(file, whole());
    // The end, a checksum, the checksum of the data.
    for (int lost : new int[] {1, 12, 13, 16, 20}) {
      assertThat(decoded(Arrays.copyOf(file, file.length - lost), whole())).isEqualTo(all);
    }
    assertThat(decoded(concat(file, new byte[100]), whole())).isEqualTo(all);
  }

  @Test
  void refusesAFileThatEndsBeforeItsLastRow() {
    byte[] file = picture.file();
    for (int length = 0; length < file.length - 40; length++) {
      byte[] cut = Arrays.copyOf(file, length);
      assertThatThrownBy(() -> decoded(cut, whole())).isInstanceOf(UnreadableImageException.class);
    }
    assertRefused(
        Arrays.copyOf(file, 300),
        "truncated: the PNG's data ends before its last row, after 300 bytes");
  }

  @Test
  void believesNoLengthThatTheFileDoesNotHave() {
    byte[] claim = DrawnPngs.file(picture.header(), DrawnPngs.chunk("tEXt", new byte[20]));
    for (int length : new int[] {21, 0x70000000, 0x7fffffff, 0x80000000, 0xffffffff}) {
      ByteBuffer.wrap(claim).putInt(33, length);
      assertRefused(
          claim,
          "truncated: the PNG's chunk tEXt at byte 33 claims %d bytes, 24 are left"
              .formatted(length & 0xffffffffL));
    }
    byte[] data = DrawnPngs.file(picture.header(), DrawnPngs.chunk("IDAT", new byte[20]));
    ByteBuffer.wrap(data).putInt(33, 0x70000000);
    assertRefused(data, "damaged: the PNG's data: unknown compression method");
  }

  @Test
  void tellsWhatIsDamaged() {
    byte[] data = picture.data();
    byte[] changed = data.clone();
    changed[changed.length - 1] ^= 1;
    byte[] header = picture.header();
    byte[] paletted = new DrawnPngs(1, 9, 9, 8, DrawnPngs.PALETTE, false).header();
    byte[] filter = new byte[(20 * 3 + 1) * 10];
    filter[61] = 9;

    assertRefused(
        DrawnPngs.file(header, DrawnPngs.chunk("IDAT", changed)),
        "damaged: the PNG's data: incorrect data check");
    assertRefused(
        DrawnPngs.file(header, DrawnPngs.chunk("IDAT", DrawnPngs.deflated(filter))),
        "damaged: a row of the PNG has filter 9 (allowed: 0 to 4)");
    assertRefused(
        DrawnPngs.file(header, header, DrawnPngs.chunk("IDAT", data)),
        "damaged: the PNG has IHDR before its data");
    assertRefused(
        DrawnPngs.file(header, DrawnPngs.chunk("IEND")),
        "damaged: the PNG has IEND before its data");
    assertRefused(
        DrawnPngs.file(paletted, DrawnPngs.chunk("PLTE", new byte[257 * 3])),
        "the PNG's palette has 257 colors (allowed: 256)");
    assertRefused(DrawnPngs.file(header, new byte[20]), "damaged: no PNG chunk begins at byte 33");
    assertRefused(
        DrawnPngs.file(header), "truncated: the PNG ends before its data, after 33 bytes");
  }

  @ParameterizedTest
  @ValueSource(ints = {16, 20, 24, 25, 28})
  void refusesADamagedHeader(int place) {
    byte[] file = picture.file();
    file[place] ^= 64;
    assertThatThrownBy(() -> ImageHeaders.parse(file))
        .hasMessage("damaged: the checksum of the PNG's chunk IHDR at byte 8 is wrong");
  }

  @Test
  void refusesAHeaderOutsideTheStandard() {
    byte[] header = new DrawnPngs(1, 9, 9, 8, DrawnPngs.RGB, false).header();
    byte[] content = Arrays.copyOfRange(header, 8, 21);
    content[8] = 4;
    assertHeaderRefused(
        content, "the PNG header has values outside the standard: depth 4, color 2, methods 0 0 0");
    content[10] = (byte) 200;
    assertHeaderRefused(
        content,
        "the PNG header has values outside the standard: depth 4, color 2, methods 200 0 0");
    ByteBuffer.wrap(content).put(8, (byte) 8).put(10, (byte) 0).putInt(0, -1);
    assertHeaderRefused(
        content, "the PNG header claims 4294967295 x 9 pixels (allowed: up to 2147483647 each)");
  }

  private static void assertHeaderRefused(byte[] content, String reason) {
    assertThatThrownBy(() -> ImageHeaders.parse(DrawnPngs.file(DrawnPngs.chunk("IHDR", content))))
        .hasMessage(reason);
  }

  @Test
  void paintsColorsBeyondThePaletteBlack() throws Exception {
    DrawnPngs drawn = new DrawnPngs(1, 40, 3, 8, DrawnPngs.PALETTE, false);
    byte[] file =
        DrawnPngs.file(
            drawn.header(),
            DrawnPngs.chunk("PLTE", new byte[] {1, 2, 3, 4, 5, 6, 7}),
            DrawnPngs.chunk("IDAT", drawn.data()));
    byte[] planes = decoded(file, CropBox.whole(40, 3));
    for (int i = 0; i < 120; i++) {
      int sample = drawn.samples[i];
      assertThat(planes[i]).isEqualTo((byte) (sample == 0 ? 1 : sample == 1 ? 4 : 0));
    }
  }

  /** The library that decoded these before wrote beyond its buffers, and took the JVM along. */
  @Test
  void showsTheStillImageOfAnAnimationAndRefusesBrokenOnes() throws Exception {
    byte[] control = DrawnPngs.chunk("acTL", new byte[] {0, 0, 0, 2, 0, 0, 0, 0});
    byte[] data = DrawnPngs.chunk("IDAT", picture.data());
    byte[] frame = DrawnPngs.chunk("fdAT", new byte[] {0, 0, 0, 2, 9, 9, 9, 9});
    byte[] all = decoded(picture.file(), whole());

    assertThat(
            decoded(DrawnPngs.file(picture.header(), control, frame(20, 10), data, frame), whole()))
        .isEqualTo(all);
    assertThat(
            decoded(DrawnPngs.file(picture.header(), control, data, frame(9, 9), frame), whole()))
        .isEqualTo(all);
    for (byte[] first : new byte[][] {frame(60000, 60000), frame(10, 10), frame(20, 11)}) {
      assertRefused(
          DrawnPngs.file(picture.header(), control, first, data, frame),
          "damaged: the first frame of the animated PNG is not the image of its header");
    }
  }

  @Test
  void refusesRowsThatTheHeapShouldNotHold() {
    byte[] file = new DrawnPngs(1, 1, 1, 16, DrawnPngs.RGB_ALPHA, false).file();
    byte[] content = Arrays.copyOfRange(file, 16, 29);
    ByteBuffer.wrap(content).putInt(0, 100_000_000);
    byte[] wide = DrawnPngs.file(DrawnPngs.chunk("IHDR", content));
    assertThatThrownBy(() -> decoded(wide, new CropBox(0, 0, 1, 1)))
        .hasMessage("decoding a PNG of 100000000 x 1 pixels takes 1601 MB of heap (allowed: 67)");
  }

  @Test
  void refusesMoreInterlacedPixelsThanItMayHold() {
    DrawnPngs drawn = new DrawnPngs(1, 800, 500, 1, DrawnPngs.GRAY, true);
    assertRefused(
        drawn.file(),
        CropBox.whole(800, 500),
        "decoding an interlaced PNG of 800 x 500 pixels takes 2 MB; max-megapixels allows 1 MB");
  }

  @Test
  void refusesMoreInterlacedPixelsThanOneBufferHolds() {
    byte[] file = new DrawnPngs(1, 1, 1, 8, DrawnPngs.GRAY, true).file();
    byte[] content = Arrays.copyOfRange(file, 16, 29);
    ByteBuffer.wrap(content).putInt(30_000).putInt(30_000);
    byte[] huge =
        DrawnPngs.file(DrawnPngs.chunk("IHDR", content), DrawnPngs.chunk("IDAT", new byte[9]));
    PngDecoder roomy = new PngDecoder(DecodeMemory.shared(1L << 33));
    ImageHeader header = new ImageHeader(ImageFormat.PNG, 30_000, 30_000);
    assertThatThrownBy(
            () -> roomy.decode(huge, header, CropBox.whole(30_000, 30_000), new PlanarSink(1, 1)))
        .isInstanceOf(UnreadableImageException.class)
        .hasMessage(
            "decoding an interlaced PNG of 30000 x 30000 pixels takes 2700 MB in one piece"
                + " (allowed: 2147)");
  }

  private static byte[] frame(int width, int height) {
    ByteBuffer frame = ByteBuffer.allocate(26).putInt(0).putInt(width).putInt(height);
    return DrawnPngs.chunk("fcTL", frame.array());
  }

  private static byte[] concat(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  private static CropBox box(Random random, int width, int height) {
    int w = 1 + random.nextInt(width);
    int h = 1 + random.nextInt(height);
    return new CropBox(random.nextInt(height - h + 1), random.nextInt(width - w + 1), h, w);
  }

  private static byte[] expected(DrawnPngs drawn, CropBox crop) {
    byte[] planes = new byte[3 * crop.width() * crop.height()];
    int plane = crop.width() * crop.height();
    for (int y = 0; y < crop.height(); y++) {
      for (int x = 0; x < crop.width(); x++) {
        int[] rgb = drawn.rgb(crop.left() + x, crop.top() + y);
        for (int channel = 0; channel < 3; channel++) {
          planes[channel * plane + y * crop.width() + x] = (byte) rgb[channel];
        }
      }
    }
    return planes;
  }

  private CropBox whole() {
    return CropBox.whole(picture.width, picture.height);
  }

  private void assertRefused(byte[] file, String reason) {
    assertRefused(file, new CropBox(0, 0, 1, 1), reason);
  }

  private void assertRefused(byte[] file, CropBox crop, String reason) {
    assertThatThrownBy(() -> decoded(file, crop))
        .isInstanceOf(UnreadableImageException.class)
        .hasMessage(reason);
  }

  private byte[] decoded(byte[] file, CropBox crop) throws UnreadableImageException {
    PlanarSink sink = new PlanarSink(crop.width(), crop.height());
    decoder.decode(file, ImageHeaders.parse(file), crop, sink);
    return sink.planes;
  }
}

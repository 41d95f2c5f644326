package io.simmim.operators.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.operators.image.crop.ImageConfig;
import io.simmim.operators.image.drawn.CmykJpegs;
import io.simmim.operators.image.drawn.DrawnJpegs;
import io.simmim.operators.image.drawn.JpegEdits;
import io.simmim.operators.image.drawn.LosslessJpeg;
import io.simmim.operators.image.jpeg.JpegMarkers;
import io.simmim.operators.image.mask.MaskConfig;
import io.simmim.schemas.TensorChunk;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that other software writes or damages, and that Pillow reads, or refuses. */
class OddJpegTest {
  private static final byte[] COLOR = DrawnJpegs.draw(1, 61, 45, 0.8f, BufferedImage.TYPE_INT_RGB);
  private static final byte[] GRAY = DrawnJpegs.draw(2, 40, 50, 0.8f, BufferedImage.TYPE_BYTE_GRAY);
  private static final byte[] PROGRESSIVE = JpegEdits.progressive(COLOR);
  private static final byte[] CMYK = CmykJpegs.flat(CmykJpegs.colors(60), CmykJpegs.YCCK);

  private final ImagePath path = new ImagePath(ImageConfig.ofSize(32), new MaskConfig(8, 0.6), 0);

  @AfterEach
  void close() {
    path.close();
  }

  static Stream<byte[]> sequential() throws IOException {
    return Stream.of(
        COLOR, GRAY, CMYK, Goldens.jpeg("restart_markers.jpg"), Goldens.jpeg("baseline_422.jpg"));
  }

  static Stream<byte[]> all() throws IOException {
    return Stream.concat(sequential(), Stream.of(PROGRESSIVE, Goldens.jpeg("progressive.jpg")));
  }

  @ParameterizedTest
  @MethodSource("sequential")
  void readsFilesThatLostTheirEndMarkerIfAllBlocksAreThere(byte[] file) {
    byte[] cut = JpegEdits.withoutEnd(file);
    List<byte[]> trailers =
        List.of(
            new byte[1],
            new byte[1000],
            JpegEdits.bytes(0xFF, 0),
            JpegEdits.bytes(0xFF, 0xE1, 0x40),
            JpegEdits.bytes(0, 0xFF, 0xFF, 0xFF),
            "and some text".getBytes(StandardCharsets.UTF_8));
    for (byte[] trailer : trailers) {
      assertThat(pixels(JpegEdits.concat(cut, trailer))).isEqualTo(pixels(file));
    }
  }

  @ParameterizedTest
  @MethodSource("sequential")
  void refusesFilesThatEndInsideTheirScan(byte[] file) {
    byte[] padding = new byte[64];
    Arrays.fill(padding, (byte) 0xFF);
    assertTruncated(JpegEdits.withoutEnd(file));
    assertTruncated(JpegEdits.concat(JpegEdits.withoutEnd(file), padding));
    assertTruncated(Arrays.copyOf(file, file.length * 2 / 3));
    // Half of the picture, and some zeros: more would be blocks of one color.
    int half = (JpegEdits.at(file, JpegMarkers.SOS).end() + file.length) / 2;
    assertTruncated(Arrays.copyOf(Arrays.copyOf(file, half), half + 9));
  }

  @Test
  void refusesProgressiveFilesWithoutAnEndMarker() {
    assertTruncated(JpegEdits.concat(JpegEdits.withoutEnd(PROGRESSIVE), new byte[1000]));
    // The marker is there, but inside of a segment.
    assertTruncated(
        JpegEdits.concat(
            JpegEdits.withoutEnd(PROGRESSIVE), JpegEdits.bytes(0xFF, 0xFE, 0, 4, 0xFF, 0xD9)));
  }

  @ParameterizedTest
  @MethodSource("all")
  void skipsSegmentsThatClaimLessThanTheirLength(byte[] file) {
    for (int marker : new int[] {0xE1, 0xE2, 0xEF, 0xFE}) {
      for (int length : new int[] {0, 1, 2}) {
        byte[] odd = JpegEdits.inserted(file, 0xFF, marker, 0, length);
        assertThat(pixels(odd)).isEqualTo(pixels(file));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void skipsPaddingAndGarbageBetweenSegments(byte[] file) {
    byte[] odd =
        JpegEdits.inserted(
            file, 0xFF, 0xFF, 0xFF, 0xE1, 0, 3, 9, 0xC1, 0x93, 0xFF, 0xFF, 0xFE, 0, 2, 7, 7);
    assertThat(pixels(odd)).isEqualTo(pixels(file));
  }

  @ParameterizedTest
  @MethodSource("all")
  void readsTablesFromAStreamBeforeTheImage(byte[] file) {
    assertThat(pixels(JpegEdits.tablesFirst(file))).isEqualTo(pixels(file));
  }

  @ParameterizedTest
  @MethodSource("all")
  void readsWhateverFollowsTheEndMarker(byte[] file) {
    assertThat(pixels(JpegEdits.concat(file, new byte[99], COLOR))).isEqualTo(pixels(file));
  }

  @ParameterizedTest
  @CsvSource({
    "12, the JPEG has 12 bits per sample (allowed: 8)",
    "16, the JPEG has 16 bits per sample (allowed: 8)"
  })
  void tellsHowManyBitsASampleHas(int bits, String reason) {
    byte[] file = COLOR.clone();
    file[JpegEdits.frame(file).start()] = (byte) bits;
    assertThat(reason(file)).isEqualTo(reason);
    assertThat(reason(LosslessJpeg.encode(new int[][] {{1, 2, 3, 4}}, 2, 2, bits)))
        .isEqualTo(reason);
  }

  @Test
  void tellsWhichTablesAreDamaged() {
    byte[] quantization = COLOR.clone();
    quantization[JpegEdits.at(COLOR, JpegMarkers.DQT).start() - 1]--;
    byte[] huffman = COLOR.clone();
    huffman[JpegEdits.at(COLOR, JpegMarkers.DHT).start() + 16]++;
    byte[] interval = JpegEdits.inserted(COLOR, 0xFF, 0xDD, 0, 3, 1);
    byte[] length = JpegEdits.inserted(COLOR, 0xFF, 0xDB, 0, 1);

    assertThat(reason(quantization))
        .matches("damaged: the JPEG's segment DQT \\(quantization\\) at byte \\d+ is not .*");
    assertThat(reason(huffman))
        .matches("damaged: the JPEG's segment DHT \\(Huffman tables\\) at byte \\d+ is not .*");
    assertThat(reason(interval))
        .isEqualTo(
            "damaged: the JPEG's segment DRI (restart interval) at byte 2 is not what it should be");
    assertThat(reason(length))
        .isEqualTo(
            "the JPEG's segment db at byte 4 claims less than its length (allowed: at least 2)");
  }

  @Test
  void tellsWhatTheFrameLacks() {
    byte[] twice = JpegEdits.inserted(COLOR, 0xFF, 0xC0, 0, 11, 8, 0, 45, 0, 61, 1, 1, 0x11, 0);
    byte[] components = JpegEdits.inserted(COLOR, 0xFF, 0xC0, 0, 8, 8, 0, 45, 0, 61, 2);
    byte[] samples = COLOR.clone();
    samples[JpegEdits.frame(COLOR).start() + 7] = 0x51;
    byte[] hierarchical = COLOR.clone();
    hierarchical[JpegEdits.frame(COLOR).start() - 3] = (byte) 0xC5;

    assertThat(reason(JpegEdits.without(COLOR, JpegMarkers.DQT)))
        .isEqualTo("damaged: the JPEG has no quantization table 1 for its component 3");
    assertThat(reason(twice)).isEqualTo("damaged: the JPEG has two frame headers");
    assertThat(reason(components)).isEqualTo("the JPEG has 2 components (allowed: 1, 3 or 4)");
    assertThat(reason(samples))
        .isEqualTo("component 0 of the JPEG has 5 x 1 samples (allowed: 1 to 4)");
    assertThat(reason(hierarchical)).isEqualTo("the JPEG is hierarchical (frame header c5)");
    assertThat(reason(JpegEdits.bytes(0xFF, 0xD8, 0xFF, 0xF7, 0, 3, 8)))
        .isEqualTo("the file is JPEG-LS (allowed: JPEG and PNG)");
  }

  @ParameterizedTest
  @CsvSource({
    "52494646 2e2e2e2e 57454250, WebP",
    "47494638 39612e2e, GIF",
    "424d2e2e 2e2e2e2e, BMP",
    "49492a00 08000000, TIFF",
    "0000001c 66747970 61766966, AVIF",
    "00000018 66747970 68656963, HEIC",
    "00000018 66747970 69736f6d, MP4 or QuickTime",
    "0000000c 6a502020 0d0a870a, JPEG 2000",
    "ff0a2e2e 2e2e2e2e, JPEG XL",
    "25504446 2d312e37, PDF",
    "504b0304 14000000, zip",
    "1f8b0800 00000000, gzip",
    "00051607 00020000, AppleDouble (macOS metadata)",
    "76657273 696f6e20 68747470 733a2f2f 6769742d 6c66732e, Git LFS pointer"
  })
  void tellsWhatAFileIsThatIsNoJpeg(String hex, String format) {
    byte[] file = HexFormat.of().parseHex(hex.replace(" ", ""));
    assertThat(reason(file))
        .isEqualTo(
            "neither JPEG nor PNG but %s: the file begins with %s"
                .formatted(format, HexFormat.ofDelimiter(" ").formatHex(file, 0, 4)));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7})
  void decodesNoMorePassesThanTheLargestImageMayTake(int more) {
    ImageConfig config = new ImageConfig(32, 0.67, 1, 3.0 / 4, 4.0 / 3, 0.5, 61 * 45 / 1e6);
    JpegMarkers scan = JpegEdits.at(PROGRESSIVE, JpegMarkers.SOS);
    byte[] empty = Arrays.copyOfRange(PROGRESSIVE, scan.start() - 4, scan.end());
    byte[] file = JpegEdits.withoutEnd(PROGRESSIVE);
    int scans = scans(PROGRESSIVE);
    for (int i = scans; i < 32 + more; i++) {
      file = JpegEdits.concat(file, empty);
    }
    file = JpegEdits.concat(file, JpegEdits.bytes(0xFF, 0xD9));
    try (ImagePath limited = new ImagePath(config, new MaskConfig(8, 0.6), 0)) {
      assertThat(limited.apply(Goldens.chunk(0, 0, PROGRESSIVE)).size()).isEqualTo(1);
      assertThat(limited.apply(Goldens.chunk(0, 0, file)).rejected())
          .singleElement()
          .matches(
              r ->
                  r.reason()
                      .equals(
                          "the JPEG has %d scans of 61 x 45 pixels; max-megapixels allows 32"
                              .formatted(32 + more)));
    }
  }

  private static int scans(byte[] file) {
    JpegMarkers markers = new JpegMarkers(file);
    int scans = 0;
    while (markers.next()) {
      scans += markers.marker() == JpegMarkers.SOS ? 1 : 0;
    }
    return scans;
  }

  @Test
  void limitsTheMemoryOfProgressiveFiles() {
    // 4:4:4: 3 bytes of pixels and 6 of coefficients per pixel, where 6 in all and 64 MiB may be.
    byte[] color = JpegEdits.claiming(PROGRESSIVE, 13_300, 13_300);
    int at = JpegEdits.frame(color).start();
    color[at + 7] = 0x11;

    assertThat(reason(color))
        .isEqualTo(
            "decoding a JPEG of 13300 x 13300 pixels takes 1598 MB; max-megapixels allows 1135 MB");
  }

  private void assertTruncated(byte[] file) {
    assertThat(reason(file))
        .isEqualTo(
            "truncated: the file ends inside the scan, after %d bytes".formatted(file.length));
  }

  private byte[] pixels(byte[] file) {
    TensorChunk chunk = path.apply(Goldens.chunk(0, 0, file));
    assertThat(chunk.rejected()).isEmpty();
    return chunk.pixels();
  }

  private String reason(byte[] file) {
    TensorChunk chunk = path.apply(Goldens.chunk(0, 0, file));
    assertThat(chunk.size()).isZero();
    return chunk.rejected().get(0).reason();
  }
}

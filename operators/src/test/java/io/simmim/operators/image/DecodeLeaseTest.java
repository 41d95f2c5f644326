package io.simmim.operators.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.simmim.operators.image.codec.DecodeMemory;
import io.simmim.operators.image.codec.ImageHeader;
import io.simmim.operators.image.codec.PixelSink;
import io.simmim.operators.image.crop.CropBox;
import io.simmim.operators.image.drawn.CmykJpegs;
import io.simmim.operators.image.drawn.DrawnJpegs;
import io.simmim.operators.image.drawn.DrawnPngs;
import io.simmim.operators.image.drawn.JpegEdits;
import io.simmim.operators.image.drawn.LosslessJpeg;
import io.simmim.operators.image.format.ImageHeaders;
import io.simmim.operators.image.format.OpenCvDecoder;
import io.simmim.operators.image.jpeg.CmykDecoder;
import io.simmim.operators.image.jpeg.JpegOutline;
import io.simmim.operators.image.jpeg.JpegReaders;
import io.simmim.operators.image.jpeg.TwelveMonkeysDecoder;
import io.simmim.operators.image.png.PngDecoder;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Native memory that a decoder asked for is there for others again, however decoding ended. What is
 * not given back would let the images after it wait for ever.
 */
class DecodeLeaseTest {
  private static final DecodeMemory MEMORY = DecodeMemory.shared(103L << 20);

  /** One of the decoders that ask. */
  private interface Decoding {
    void decode(byte[] file, PixelSink sink) throws IOException;
  }

  /**
   * A decoder and a file that takes more than every image may.
   *
   * @param decoding the decoder
   * @param file decoded by it
   */
  private record Case(Decoding decoding, byte[] file) {}

  /** Looks at the lease as it gets the first pixels, and fails then if it is told to. */
  private static final class LeaseSink implements PixelSink {
    private final Error failure;
    private long leasedBytes;

    LeaseSink(Error failure) {
      this.failure = failure;
    }

    @Override
    public void restart() {}

    @Override
    public void strip(int[][] columns, int first, int count) {
      leasedBytes = MEMORY.leasedBytes();
      if (failure != null) {
        throw failure;
      }
    }
  }

  static Stream<Named<Case>> decoders() {
    byte[] drawn = DrawnJpegs.draw(1, 2500, 2400, 0.3f, BufferedImage.TYPE_INT_RGB);
    int[] row = new int[64_000];
    Arrays.setAll(row, x -> x & 255);
    return Stream.of(
        Named.of("OpenCV", new Case(DecodeLeaseTest::openCv, JpegEdits.progressive(drawn))),
        Named.of("CMYK", new Case(DecodeLeaseTest::cmyk, CmykJpegs.flat(CmykJpegs.colors(8_000)))),
        Named.of(
            "TwelveMonkeys",
            new Case(
                DecodeLeaseTest::twelveMonkeys,
                LosslessJpeg.encode(new int[][] {row, row, row}, row.length, 1))),
        Named.of(
            "PNG",
            new Case(
                DecodeLeaseTest::png,
                new DrawnPngs(1, 2400, 2400, 1, DrawnPngs.GRAY, true).file())));
  }

  private static void openCv(byte[] file, PixelSink sink) throws IOException {
    JpegOutline jpeg = JpegOutline.of(file);
    try (OpenCvDecoder decoder = new OpenCvDecoder(MEMORY)) {
      decoder.decode(jpeg, whole(jpeg), sink);
    }
  }

  private static void cmyk(byte[] file, PixelSink sink) throws IOException {
    JpegOutline jpeg = JpegOutline.of(file);
    new CmykDecoder(MEMORY, new JpegReaders()).decode(jpeg, whole(jpeg), sink);
  }

  private static void twelveMonkeys(byte[] file, PixelSink sink) throws IOException {
    JpegOutline jpeg = JpegOutline.of(file);
    new TwelveMonkeysDecoder(MEMORY, new JpegReaders()).decode(jpeg, whole(jpeg), sink);
  }

  private static void png(byte[] file, PixelSink sink) throws IOException {
    ImageHeader header = ImageHeaders.parse(file);
    CropBox whole = CropBox.whole(header.width(), header.height());
    new PngDecoder(MEMORY).decode(file, header, whole, sink);
  }

  private static CropBox whole(JpegOutline jpeg) {
    return CropBox.whole(jpeg.frame().width(), jpeg.frame().height());
  }

  /** What one test leaves must not fail the next. */
  @AfterEach
  void giveBack() {
    MEMORY.release((int) (MEMORY.leasedBytes() >> 20));
  }

  @ParameterizedTest
  @MethodSource("decoders")
  void endsWithTheImage(Case one) throws IOException {
    LeaseSink sink = new LeaseSink(null);
    one.decoding().decode(one.file(), sink);
    assertThat(sink.leasedBytes).isGreaterThan(DecodeMemory.KEPT_BYTES);
    assertThat(MEMORY.leasedBytes()).isZero();
  }

  @ParameterizedTest
  @MethodSource("decoders")
  void endsWhereTheHeapDoes(Case one) {
    LeaseSink sink = new LeaseSink(new OutOfMemoryError("Java heap space"));
    assertThatThrownBy(() -> one.decoding().decode(one.file(), sink)).isSameAs(sink.failure);
    assertThat(sink.leasedBytes).isGreaterThan(DecodeMemory.KEPT_BYTES);
    assertThat(MEMORY.leasedBytes()).isZero();
  }

  @ParameterizedTest
  @MethodSource("decoders")
  void endsWhereTheFileIsDamaged(Case one) {
    byte[] cut = Arrays.copyOf(one.file(), one.file().length / 2);
    // Some decode what is there.
    Throwable refusal = catchThrowable(() -> one.decoding().decode(cut, new LeaseSink(null)));
    assertThat(refusal).satisfiesAnyOf(r -> assertThat(r).isNull(), DecodeLeaseTest::isRefusal);
    assertThat(MEMORY.leasedBytes()).isZero();
  }

  private static void isRefusal(Throwable refusal) {
    assertThat(refusal).isInstanceOfAny(IOException.class, RuntimeException.class);
  }
}

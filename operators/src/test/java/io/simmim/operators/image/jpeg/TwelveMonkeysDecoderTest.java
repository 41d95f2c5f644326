package io.simmim.operators.image.jpeg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.operators.image.Goldens;
import io.simmim.operators.image.codec.DecodeMemory;
import io.simmim.operators.image.codec.ImageHeader;
import io.simmim.operators.image.codec.PlanarSink;
import io.simmim.operators.image.codec.UnreadableImageException;
import io.simmim.operators.image.crop.CropBox;
import io.simmim.operators.image.crop.ImageConfig;
import io.simmim.operators.image.drawn.JpegEdits;
import io.simmim.operators.image.drawn.LosslessJpeg;
import io.simmim.operators.image.format.ImageDecoder;
import io.simmim.operators.image.format.ImageHeaders;
import io.simmim.operators.image.format.OpenCvDecoder;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class TwelveMonkeysDecoderTest {
  private static final DecodeMemory MEMORY = DecodeMemory.shared(1L << 30);

  @Test
  void decodesAsOpenCvDoesButForRounding() throws IOException {
    byte[] file = Goldens.jpeg("baseline_444.jpg");
    CropBox crop = new CropBox(3, 5, 140, 90);
    PlanarSink actual = new PlanarSink(crop.width(), crop.height());
    PlanarSink expected = new PlanarSink(crop.width(), crop.height());
    new TwelveMonkeysDecoder(MEMORY, new JpegReaders()).decode(JpegOutline.of(file), crop, actual);
    try (OpenCvDecoder openCv = new OpenCvDecoder(MEMORY)) {
      assertThat(openCv.decode(JpegOutline.of(file), crop, expected)).isTrue();
    }
    for (int i = 0; i < actual.planes.length; i++) {
      assertThat(Math.abs((actual.planes[i] & 255) - (expected.planes[i] & 255)))
          .isLessThanOrEqualTo(3);
    }
  }

  @Test
  void takesOverWhatOpenCvRefuses() throws IOException {
    // The scan names a component that the frame does not have.
    byte[] file = Goldens.jpeg("baseline_420.jpg");
    JpegMarkers markers = new JpegMarkers(file);
    do {
      assertThat(markers.next()).isTrue();
    } while (markers.marker() != JpegMarkers.SOS);
    file[markers.start() + 1] ^= 2;
    ImageHeader header = ImageHeaders.parse(file);
    CropBox whole = CropBox.whole(header.width(), header.height());
    PlanarSink sink = new PlanarSink(whole.width(), whole.height());
    try (ImageDecoder decoder = new ImageDecoder(ImageConfig.ofSize(32))) {
      decoder.decode(file, header, whole, sink);
      assertThat(decoder.decodedByTwelveMonkeys()).isEqualTo(1);
      assertThat(decoder.decodedByOpenCv()).isZero();
      assertThat(decoder.decodedByBaseline()).isZero();
    }
  }

  /** A BufferedImage would take grey for linear light and brighten it. */
  @Test
  void takesGreyAsItIs() throws IOException {
    byte[] lossless = LosslessJpeg.encode(new int[][] {{36, 60, 21, 38, 166, 216}}, 3, 2);
    CropBox crop = new CropBox(1, 0, 1, 2);
    PlanarSink exact = new PlanarSink(2, 1);
    new TwelveMonkeysDecoder(MEMORY, new JpegReaders())
        .decode(JpegOutline.of(lossless), crop, exact);
    assertThat(exact.planes).isEqualTo(JpegEdits.bytes(38, 166, 38, 166, 38, 166));

    byte[] file = Goldens.jpeg("grayscale.jpg");
    JpegOutline jpeg = JpegOutline.of(file);
    CropBox whole = CropBox.whole(jpeg.frame().width(), jpeg.frame().height());
    PlanarSink actual = new PlanarSink(whole.width(), whole.height());
    PlanarSink expected = new PlanarSink(whole.width(), whole.height());
    new TwelveMonkeysDecoder(MEMORY, new JpegReaders()).decode(jpeg, whole, actual);
    try (OpenCvDecoder openCv = new OpenCvDecoder(MEMORY)) {
      assertThat(openCv.decode(jpeg, whole, expected)).isTrue();
    }
    assertThat(actual.planes).isEqualTo(expected.planes);
  }

  @Test
  void limitsItsHeapBeforeItAllocates() throws IOException {
    byte[] file = JpegEdits.claiming(Goldens.jpeg("baseline_444.jpg"), 13_300, 13_300);
    JpegOutline jpeg = JpegOutline.of(file);
    TwelveMonkeysDecoder decoder = new TwelveMonkeysDecoder(MEMORY, new JpegReaders());
    assertThatThrownBy(
            () -> decoder.decode(jpeg, CropBox.whole(13_300, 13_300), new PlanarSink(1, 1)))
        .isInstanceOf(UnreadableImageException.class)
        .hasMessage(
            "decoding a JPEG of 13300 x 13300 pixels that OpenCV refuses takes 1068 MB of heap"
                + " (allowed: 67)");
  }
}

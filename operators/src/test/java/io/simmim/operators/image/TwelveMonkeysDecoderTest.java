package io.simmim.operators.image;

import static org.assertj.core.api.Assertions.assertThat;

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
    ImageHeader header = ImageHeader.parse(file);
    CropBox whole = CropBox.whole(header.width(), header.height());
    PlanarSink sink = new PlanarSink(whole.width(), whole.height());
    try (ImageDecoder decoder = new ImageDecoder(ImageConfig.ofSize(32))) {
      decoder.decode(file, header, whole, sink);
      assertThat(decoder.decodedByTwelveMonkeys()).isEqualTo(1);
      assertThat(decoder.decodedByOpenCv()).isZero();
      assertThat(decoder.decodedByBaseline()).isZero();
    }
  }
}

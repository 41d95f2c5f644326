package io.simmim.operators.image.jpeg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.operators.image.Goldens;
import io.simmim.operators.image.codec.DecodeMemory;
import io.simmim.operators.image.codec.PlanarSink;
import io.simmim.operators.image.crop.CropBox;
import io.simmim.operators.image.crop.RowStrip;
import io.simmim.operators.image.drawn.JpegEdits;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JpegOutlineTest {
  @ParameterizedTest
  @ValueSource(strings = {"baseline_420.jpg", "progressive.jpg", "cmyk.jpg", "grayscale.jpg"})
  void handsOverNothingBehindTheEnd(String name) throws IOException {
    byte[] file = Goldens.jpeg(name);
    byte[] expected = JpegOutline.of(file).bytes();
    // A second picture, as cameras append them, and anything else.
    JpegOutline longer = JpegOutline.of(JpegEdits.concat(file, file, new byte[1000]));

    assertThat(longer.bytes()).isEqualTo(expected);
    assertThat(longer.neededBytes()).isEqualTo(expected.length).isLessThanOrEqualTo(file.length);
  }

  /** A crop that leaves less than the file's bytes of the heap. */
  @Test
  void countsTheBytesThatADecoderGets() throws IOException {
    byte[] file = JpegEdits.claiming(Goldens.jpeg("baseline_444.jpg"), 1000, 11_110);
    JpegOutline jpeg = JpegOutline.of(file);
    assertThat(6L * 1000 * 11_110 + RowStrip.heapBytes(1000)).isLessThan(DecodeMemory.HEAP_BYTES);
    TwelveMonkeysDecoder decoder =
        new TwelveMonkeysDecoder(DecodeMemory.shared(1L << 30), new JpegReaders());
    assertThatThrownBy(
            () -> decoder.decode(jpeg, CropBox.whole(1000, 11_110), new PlanarSink(1, 1)))
        .hasMessage(
            "decoding a JPEG of 1000 x 11110 pixels that OpenCV refuses takes 68 MB of heap"
                + " (allowed: 67)");
  }
}

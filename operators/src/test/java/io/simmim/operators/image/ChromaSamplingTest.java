package io.simmim.operators.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.operators.image.codec.DecodeMemory;
import io.simmim.operators.image.codec.ImageHeader;
import io.simmim.operators.image.codec.PlanarSink;
import io.simmim.operators.image.crop.CropBox;
import io.simmim.operators.image.format.ImageHeaders;
import io.simmim.operators.image.format.OpenCvDecoder;
import io.simmim.operators.image.jpeg.BaselineJpegDecoder;
import io.simmim.operators.image.jpeg.JpegOutline;
import java.io.IOException;
import java.util.Random;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.opencv_core.Mat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Kinds of JPEG that OpenCV can write; as a decoder, it says what is right. */
class ChromaSamplingTest {
  private static final int SAMPLING_FACTOR = 7;
  private static final int RESTART_INTERVAL = 4;
  private static final int SAMPLING_411 = 0x411111;

  private final Random random = new Random(3);
  private final BaselineJpegDecoder baseline = new BaselineJpegDecoder();

  @ParameterizedTest
  @ValueSource(ints = {0x111111, 0x211111, 0x221111})
  void equalsLibjpegForAnySizeQualityAndCrop(int sampling) throws IOException {
    int decoded = 0;
    try (OpenCvDecoder openCv = new OpenCvDecoder(DecodeMemory.shared(1L << 30))) {
      for (int i = 0; i < 120; i++) {
        int width = 1 + random.nextInt(i % 3 == 0 ? 500 : 70);
        int height = 1 + random.nextInt(i % 3 == 1 ? 400 : 70);
        byte[] file = encode(width, height, sampling, i % 4 == 0 ? 1 + random.nextInt(9) : 0);
        ImageHeader header = ImageHeaders.parse(file);
        for (CropBox crop : new CropBox[] {CropBox.whole(width, height), crop(width, height)}) {
          PlanarSink actual = new PlanarSink(crop.width(), crop.height());
          if (baseline.decode(file, header, crop, actual)) {
            decoded++;
            PlanarSink expected = new PlanarSink(crop.width(), crop.height());
            assertThat(openCv.decode(JpegOutline.of(file), crop, expected)).isTrue();
            assertThat(actual.planes).isEqualTo(expected.planes);
          } else {
            // Libjpeg does not interpolate chroma of one or two columns.
            assertThat(width).isLessThanOrEqualTo(4);
          }
        }
      }
    }
    assertThat(decoded).isGreaterThan(220);
  }

  @Test
  void leavesOtherSamplingsToOpenCv() throws IOException {
    assertThat(decodes(encode(64, 64, SAMPLING_411, 0))).isFalse();
  }

  @Test
  void leavesDamagedScansToOpenCv() throws IOException {
    byte[] file = Goldens.jpeg("restart_markers.jpg");
    assertThat(decodes(file)).isTrue();
    for (int i = file.length / 2; i < file.length - 1; i++) {
      if (file[i] == -1 && file[i + 1] >= (byte) 0xD0 && file[i + 1] <= (byte) 0xD7) {
        file[i + 1] = (byte) (0xD0 + ((file[i + 1] + 1) & 7));
        break;
      }
    }
    assertThat(decodes(file)).isFalse();
  }

  private boolean decodes(byte[] file) throws IOException {
    ImageHeader header = ImageHeaders.parse(file);
    CropBox whole = CropBox.whole(header.width(), header.height());
    return baseline.decode(file, header, whole, new PlanarSink(whole.width(), whole.height()));
  }

  private CropBox crop(int width, int height) {
    int w = 1 + random.nextInt(width);
    int h = 1 + random.nextInt(height);
    return new CropBox(random.nextInt(height - h + 1), random.nextInt(width - w + 1), h, w);
  }

  /** A noisy gradient, as JPEG. */
  private byte[] encode(int width, int height, int sampling, int restart) {
    byte[] pixels = new byte[width * height * 3];
    int noise = random.nextInt(200);
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) ((i / 3 % width * 255 / width + random.nextInt(noise + 1)) & 255);
    }
    int quality = 20 + random.nextInt(81);
    int[] parameters = {
      opencv_imgcodecs.IMWRITE_JPEG_QUALITY,
      quality,
      SAMPLING_FACTOR,
      sampling,
      RESTART_INTERVAL,
      restart
    };
    try (BytePointer data = new BytePointer(pixels);
        Mat image = new Mat(height, width, opencv_core.CV_8UC3, data);
        IntPointer options = new IntPointer(parameters);
        BytePointer out = new BytePointer()) {
      assertThat(opencv_imgcodecs.imencode(".jpg", image, out, options)).isTrue();
      byte[] file = new byte[(int) out.limit()];
      out.get(file);
      return file;
    }
  }
}

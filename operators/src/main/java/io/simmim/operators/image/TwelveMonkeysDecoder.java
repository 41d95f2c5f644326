package io.simmim.operators.image;

import com.twelvemonkeys.imageio.plugins.jpeg.JPEGImageReaderSpi;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.spi.IIORegistry;
import javax.imageio.spi.ImageReaderSpi;
import javax.imageio.spi.ServiceRegistry;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Decodes the JPEGs that OpenCV refuses with TwelveMonkeys' ImageIO plugin. The plugin is used
 * without registering it in the JVM-wide registry, which would outlive a job's class loader. Not
 * thread-safe.
 */
final class TwelveMonkeysDecoder {
  private static final int STRIP_ROWS = 64;

  private final JPEGImageReaderSpi provider = new JPEGImageReaderSpi();

  TwelveMonkeysDecoder() {
    ServiceRegistry registry =
        new ServiceRegistry(List.<Class<?>>of(ImageReaderSpi.class).iterator());
    Iterator<ImageReaderSpi> known =
        IIORegistry.getDefaultInstance().getServiceProviders(ImageReaderSpi.class, false);
    while (known.hasNext()) {
      ImageReaderSpi candidate = known.next();
      // The JDK's own reader, to which the plugin delegates.
      if (candidate.getClass().getModule().getName() != null) {
        registry.registerServiceProvider(candidate, ImageReaderSpi.class);
      }
    }
    registry.registerServiceProvider(provider, ImageReaderSpi.class);
  }

  /**
   * Decodes one image.
   *
   * @throws IOException if the file cannot be decoded; the sink has got nothing then
   */
  void decode(byte[] file, ImageHeader header, CropBox crop, PixelSink sink) throws IOException {
    ImageReader reader = provider.createReaderInstance(null);
    try (var input = new MemoryCacheImageInputStream(new ByteArrayInputStream(file))) {
      reader.setInput(input, true, true);
      if (reader.getWidth(0) != header.width() || reader.getHeight(0) != header.height()) {
        throw new UnreadableImageException(
            "two frame headers disagree: %d x %d and %d x %d"
                .formatted(
                    header.width(), header.height(), reader.getWidth(0), reader.getHeight(0)));
      }
      ImageReadParam whole = reader.getDefaultReadParam();
      emit(reader.read(0, whole), crop, sink);
    } finally {
      reader.dispose();
    }
  }

  private static void emit(BufferedImage image, CropBox crop, PixelSink sink) {
    int[][] columns = new int[crop.width()][STRIP_ROWS];
    int[] rgb = new int[crop.width() * STRIP_ROWS];
    for (int top = crop.top(); top < crop.bottom(); top += STRIP_ROWS) {
      int rows = Math.min(STRIP_ROWS, crop.bottom() - top);
      image.getRGB(crop.left(), top, crop.width(), rows, rgb, 0, crop.width());
      for (int y = 0; y < rows; y++) {
        for (int x = 0; x < crop.width(); x++) {
          // From 0xRRGGBB to a packed pixel, red lowest.
          columns[x][y] = Integer.reverseBytes(rgb[y * crop.width() + x]) >>> 8;
        }
      }
      sink.strip(columns, 0, rows);
    }
  }
}

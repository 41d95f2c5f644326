package io.simmim.operators.image.jpeg;

import com.twelvemonkeys.imageio.plugins.jpeg.JPEGImageReaderSpi;
import io.simmim.operators.image.codec.UnreadableImageException;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import javax.imageio.ImageReader;
import javax.imageio.spi.IIORegistry;
import javax.imageio.spi.ImageReaderSpi;
import javax.imageio.spi.ServiceRegistry;

/**
 * ImageIO's readers of JPEG: the JDK's, and TwelveMonkeys' around it. The plugin is used without
 * registering it in the JVM-wide registry, which would outlive a job's class loader. Where a Java
 * lacks graphics libraries, any use throws a {@code LinkageError}: see {@link #missing}. Not
 * thread-safe.
 */
public final class JpegReaders {
  private ImageReaderSpi jdk;
  private JPEGImageReaderSpi twelveMonkeys;

  /**
   * A new reader of the JDK's.
   *
   * @throws UnreadableImageException if this JVM has none
   */
  ImageReader jdk() throws IOException {
    load();
    return jdk.createReaderInstance(null);
  }

  /**
   * A new reader of TwelveMonkeys'.
   *
   * @throws UnreadableImageException if this JVM has none to which it could delegate
   */
  ImageReader twelveMonkeys() throws IOException {
    load();
    return twelveMonkeys.createReaderInstance(null);
  }

  private void load() throws UnreadableImageException {
    if (twelveMonkeys != null) {
      return;
    }
    ServiceRegistry registry =
        new ServiceRegistry(List.<Class<?>>of(ImageReaderSpi.class).iterator());
    Iterator<ImageReaderSpi> known =
        IIORegistry.getDefaultInstance().getServiceProviders(ImageReaderSpi.class, false);
    while (known.hasNext()) {
      ImageReaderSpi candidate = known.next();
      // The JDK's own readers.
      if (candidate.getClass().getModule().getName() != null) {
        registry.registerServiceProvider(candidate, ImageReaderSpi.class);
        if (List.of(candidate.getFormatNames()).contains("jpeg")) {
          jdk = candidate;
        }
      }
    }
    if (jdk == null) {
      throw new UnreadableImageException("this Java has no JPEG reader of its own");
    }
    JPEGImageReaderSpi plugin = new JPEGImageReaderSpi();
    registry.registerServiceProvider(plugin, ImageReaderSpi.class);
    twelveMonkeys = plugin;
  }

  /** What to say where a reader, or a library that it needs as it reads, cannot be loaded. */
  static UnreadableImageException missing(LinkageError cause) {
    // A Java without its graphics libraries: such files are rare, so no reason to end a job.
    return new UnreadableImageException(
        "this Java's JPEG reader cannot be loaded: " + cause, cause);
  }
}

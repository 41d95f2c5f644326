package io.simmim.operators.trial;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.operators.image.crop.ImageConfig;
import io.simmim.schemas.EncodedChunk;
import io.simmim.schemas.EncodedImage;
import io.simmim.schemas.ImageRef;
import io.simmim.schemas.OtherClass;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
@Timeout(120)
class ImageTrialTest {
  private static final ImageConfig CONFIG = ImageConfig.ofSize(32);
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final byte[] TEXT = "This is not a JPEG.".getBytes(StandardCharsets.UTF_8);

  private static final String KILL =
      """
      try {
        new ProcessBuilder("kill", "-9", "" + ProcessHandle.current().pid()).start().waitFor();
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
      """;

  @TempDir Path folder;

  @Test
  void refusesNothingThatIsOnlyUnreadable() throws Exception {
    ImageTrial trial = new ImageTrial(CONFIG, 7);

    assertThat(trial.run(chunk(jpeg(), TEXT, new byte[0], null, jpeg()))).isEmpty();
  }

  @Test
  void refusesWhatEndsTheProcessAndTriesTheOthersInAnother() throws Exception {
    ImageTrial trial = trial("Runtime.getRuntime().halt(134);", LIMIT);

    assertThat(trial.run(chunk(jpeg(), TEXT, jpeg(), TEXT, jpeg())))
        .isEqualTo(
            Map.of(
                1L, "ends the process that decodes it: exit code 134 (SIGABRT)",
                3L, "ends the process that decodes it: exit code 134 (SIGABRT)"));
  }

  @Test
  void refusesWhatNeverEnds() throws Exception {
    String forever = "while (true) java.util.concurrent.locks.LockSupport.park();";
    ImageTrial trial = trial(forever, Duration.ofSeconds(6));

    assertThat(trial.run(chunk(jpeg(), TEXT)))
        .isEqualTo(Map.of(1L, "cannot be decoded: no end within 6 s"));
  }

  /** The kernel may have chosen it because of others. */
  @Test
  void triesAgainWhatWasKilledAtTheFirstTime() throws Exception {
    Path mark = folder.resolve("killed");
    ImageTrial trial =
        trial(
            """
            java.io.File mark = new java.io.File("%s");
            try {
              if (mark.createNewFile()) {
                new ProcessBuilder("kill", "-9", "" + ProcessHandle.current().pid()).start().waitFor();
              }
            } catch (Exception e) {
              throw new IllegalStateException(e);
            }
            """
                .formatted(mark),
            LIMIT);

    assertThat(trial.run(chunk(TEXT, jpeg()))).isEmpty();
    assertThat(mark).exists();
  }

  @Test
  void refusesWhatIsKilledEachTime() throws Exception {
    ImageTrial trial = trial(KILL, LIMIT);

    assertThat(trial.run(chunk(jpeg(), TEXT, jpeg())))
        .isEqualTo(Map.of(1L, "ends the process that decodes it: exit code 137 (SIGKILL)"));
  }

  @Test
  void keepsWhatIsRefusedWhereNoOtherProcessCanBeStarted() throws Exception {
    Path options = folder.resolve("options");
    String statements =
        "new java.io.File(\"%s\").delete(); Runtime.getRuntime().halt(134);".formatted(options);
    Files.writeString(options, OtherClass.whenUnreadable(folder, statements));
    ImageTrial trial = new ImageTrial(CONFIG, 7, List.of("@" + options), LIMIT);

    assertThat(trial.run(chunk(jpeg(), TEXT, jpeg())))
        .isEqualTo(Map.of(1L, "ends the process that decodes it: exit code 134 (SIGABRT)"));
  }

  @Test
  void takesNothingThatAJvmPrintsForAnAnswer() throws Exception {
    // Before the first answer and between them, and more than a pipe holds.
    String log = "-Xlog:class+load=debug:stdout";
    String deadly = OtherClass.whenUnreadable(folder, "Runtime.getRuntime().halt(134);");
    ImageTrial trial = new ImageTrial(CONFIG, 7, List.of(log, deadly), LIMIT);

    assertThat(trial.run(chunk(jpeg(), TEXT, jpeg())))
        .isEqualTo(Map.of(1L, "ends the process that decodes it: exit code 134 (SIGABRT)"));
  }

  /** As in a Java without its graphics libraries: no reason to end this process or a task. */
  @Test
  void survivesImagesWhoseReaderCannotBeLoaded() throws Exception {
    Path source = folder.resolve("JPEGImageReader.java");
    Files.writeString(
        source,
        """
        package com.sun.imageio.plugins.jpeg;
        public abstract class JPEGImageReader extends javax.imageio.ImageReader {
          public JPEGImageReader(javax.imageio.spi.ImageReaderSpi provider) {
            super(provider);
          }
        }
        """);
    String patch = "--patch-module=java.desktop=" + folder;
    int result =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, patch, "-d", folder.toString(), source.toString());
    assertThat(result).isZero();
    ImageTrial trial = new ImageTrial(CONFIG, 7, List.of(patch), LIMIT);
    byte[] cmyk = Files.readAllBytes(Path.of("src/test/resources/goldens/jpeg/cmyk.jpg"));

    assertThat(trial.run(chunk(cmyk, jpeg(), cmyk))).isEmpty();
  }

  @Test
  void refusesNothingWhereNoProcessCanBeStarted() throws Exception {
    ImageTrial trial = new ImageTrial(CONFIG, 7, List.of("-Xmx1k"), LIMIT);

    assertThat(trial.run(chunk(TEXT, jpeg()))).isEmpty();
  }

  /** A trial in whose process something happens as soon as an image cannot be read. */
  private ImageTrial trial(String statements, Duration limit) throws IOException {
    return new ImageTrial(CONFIG, 7, List.of(OtherClass.whenUnreadable(folder, statements)), limit);
  }

  /** Null stands for an image that could not be fetched. */
  private static EncodedChunk chunk(byte[]... files) {
    List<EncodedImage> images = new ArrayList<>();
    for (byte[] file : files) {
      ImageRef ref = new ImageRef(images.size(), "file:/%d.jpg".formatted(images.size()), 0, 1);
      images.add(file == null ? EncodedImage.failed(ref, "not there") : EncodedImage.of(ref, file));
    }
    return new EncodedChunk(4, 1, 8, images);
  }

  private static byte[] jpeg() throws IOException {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    ImageIO.write(new BufferedImage(48, 40, BufferedImage.TYPE_INT_RGB), "jpeg", file);
    return file.toByteArray();
  }
}

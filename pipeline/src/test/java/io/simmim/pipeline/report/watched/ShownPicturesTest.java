package io.simmim.pipeline.report.watched;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.pipeline.run.folder.RunFolder;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShownPicturesTest {
  @TempDir Path output;

  private void write(long step, int width, int height) throws IOException {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    SplittableRandom random = new SplittableRandom(step);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        image.setRGB(x, y, random.nextInt(1 << 24));
      }
    }
    Path folder = Files.createDirectories(output.resolve("pictures"));
    ImageIO.write(image, "png", folder.resolve("step-%d.png".formatted(step)).toFile());
  }

  private ShownPictures read() throws IOException {
    return ShownPictures.of(RunFolder.open(output.toString()));
  }

  @Test
  void aRunWithoutPicturesHasNone() throws Exception {
    assertThat(read()).isEqualTo(ShownPictures.NONE);
  }

  @Test
  void areInTheOrderOfSteps() throws Exception {
    for (long step : new long[] {1000, 20, 100}) {
      write(step, 10, 10);
    }
    Files.writeString(output.resolve("pictures/notes.png"), "of the user");

    assertThat(read().count()).isEqualTo(3);
    assertThat(read().shown()).extracting(ShownPicture::step).containsExactly(20L, 100L, 1000L);
  }

  @Test
  void ofManyTheFirstTheLastAndSomeEvenlyBetweenAreShown() {
    assertThat(ShownPictures.chosen(LongStream.rangeClosed(1, 8).boxed().toList())).hasSize(8);
    assertThat(ShownPictures.chosen(LongStream.rangeClosed(1, 71).boxed().toList()))
        .containsExactly(1L, 11L, 21L, 31L, 41L, 51L, 61L, 71L);
  }

  @Test
  void smallOnesStayAsTheyAre() throws Exception {
    write(1, 40, 30);

    ShownPicture picture = read().shown().get(0);

    assertThat(picture.address()).startsWith("data:image/png;base64,iVBOR");
    assertThat(picture.file()).isEqualTo(Files.readAllBytes(output.resolve("pictures/step-1.png")));
  }

  @Test
  void largeOnesAreReduced() throws Exception {
    write(1, 1572, 788);

    ShownPicture picture = read().shown().get(0);

    assertThat(picture.address()).startsWith("data:image/jpeg;base64,/9j/");
    BufferedImage shown = ImageIO.read(new ByteArrayInputStream(picture.file()));
    assertThat(shown.getWidth()).isEqualTo(786).isEqualTo(picture.width());
    assertThat(shown.getHeight()).isEqualTo(394).isEqualTo(picture.height());
  }

  @Test
  void whatIsNoPictureIsRefused() throws Exception {
    Files.createDirectories(output.resolve("pictures"));
    Files.writeString(output.resolve("pictures/step-1.png"), "cut", StandardCharsets.UTF_8);

    assertThatThrownBy(this::read).isInstanceOf(IOException.class);
  }
}

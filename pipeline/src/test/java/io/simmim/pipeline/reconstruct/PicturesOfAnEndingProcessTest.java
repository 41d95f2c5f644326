package io.simmim.pipeline.reconstruct;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.pipeline.cluster.ChildProcess;
import io.simmim.pipeline.cluster.CommandResult;
import io.simmim.pipeline.reconstruct.ReconstructionGrid.Row;
import io.simmim.pipeline.report.watched.ShownPictures;
import io.simmim.pipeline.run.folder.RunFolder;
import io.simmim.schemas.Normalization;
import io.simmim.schemas.TensorChunk;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** A run that is told to end goes on, pictures included, until its savepoint is taken. */
class PicturesOfAnEndingProcessTest {
  @TempDir private Path work;

  @Test
  void areDrawnAndShown() throws Exception {
    List<String> command = new ArrayList<>(List.of(ChildProcess.java()));
    command.addAll(ChildProcess.QUICK_START);
    command.addAll(
        List.of(
            "-Djava.awt.headless=true",
            "-cp",
            System.getProperty("java.class.path"),
            Ending.class.getName(),
            work.resolve("run").toString()));
    try (ChildProcess process = ChildProcess.start(work, "ending", Map.of(), command)) {
      CommandResult result = process.await(Duration.ofMinutes(2));

      assertThat(result.errors()).doesNotContain("Exception");
      assertThat(result.output().lines()).containsExactly("1 picture, jpeg");
    }
  }

  /** Draws when it is told to end, and shows what it drew. */
  public static final class Ending {
    private static final int SIZE = 256;

    private Ending() {}

    public static void main(String[] arguments) {
      LoggerFactory.getLogger(Ending.class); // logging cannot begin while a process ends
      Path output = Path.of(arguments[0]);
      Runtime.getRuntime().addShutdownHook(new Thread(() -> drawAndShow(output)));
    }

    private static void drawAndShow(Path output) {
      byte[] pixels = new byte[3 * SIZE * SIZE];
      new Random(1).nextBytes(pixels);
      ReconstructionGrid grid = new ReconstructionGrid(SIZE, Normalization.IMAGENET);
      grid.add(new TensorChunk(0, 0, SIZE, 1, new long[1], pixels, new byte[1], List.of()));
      try {
        Path folder = Files.createDirectories(output.resolve("pictures"));
        try (OutputStream png = Files.newOutputStream(folder.resolve("step-1.png"))) {
          grid.write(png, List.of(Row.ORIGINAL));
        }
        ShownPictures pictures = ShownPictures.of(RunFolder.open(output.toString()));
        System.out.println(pictures.count() + " picture, " + pictures.shown().get(0).type());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}

package io.simmim.pipeline.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.pipeline.config.ConfigLoader;
import io.simmim.pipeline.files.BrittleFileSystem;
import io.simmim.pipeline.images.Photographs;
import io.simmim.pipeline.run.Leases;
import io.simmim.pipeline.run.Resume;
import io.simmim.pipeline.run.StoredRun;
import io.simmim.schemas.TensorChunk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run of two micro-batches of four images each, whose storage fails when they are read again. */
class StepChunksTest {
  @TempDir private Path folder;
  private StoredRun run;

  @BeforeEach
  void beginARun() throws IOException {
    Path images = folder.resolve("images");
    Photographs.draw(images, 8);
    String output = folder.resolve("output").toString();
    Leases.prepare(
        new ConfigLoader()
            .preset("vit-tiny")
            .set(List.of("training.epochs=1", "schedule.warmup-epochs=0"))
            .set(List.of("training.micro-batch=4", "training.accumulation=1"))
            .set(List.of("training.chunk-images=2"))
            .set(List.of("fetch.attempts=3", "fetch.backoff=1ms"))
            .input(List.of("hdfs:" + images))
            .output(output)
            .load()
            .config(),
        Resume.parse("latest"),
        Optional.empty(),
        line -> {});
    run = StoredRun.read(output, List.of());
  }

  @AfterEach
  void heal() {
    BrittleFileSystem.heal();
  }

  @Test
  void triesAgainToReadAnImage() throws Exception {
    List<TensorChunk> healthy = chunks();
    BrittleFileSystem.failFirstOpens();

    List<TensorChunk> brittle = chunks();

    assertThat(brittle).hasSize(4);
    for (int i = 0; i < brittle.size(); i++) {
      assertThat(brittle.get(i).pixels()).isEqualTo(healthy.get(i).pixels());
      assertThat(brittle.get(i).rejected()).isEmpty();
    }
  }

  @Test
  void tellsOfAnImageThatIsDenied() throws Exception {
    BrittleFileSystem.failFirstOpens("002.jpg");

    assertThat(chunks())
        .flatMap(TensorChunk::rejected)
        .singleElement()
        .satisfies(
            image -> {
              assertThat(image.uri()).endsWith("002.jpg");
              assertThat(image.reason()).isEqualTo("permission denied");
            });
  }

  @Test
  void failsWhenStorageIsAway() {
    BrittleFileSystem.failAfter(0, "no route to host");

    assertThatThrownBy(this::chunks)
        .isInstanceOf(IOException.class)
        .hasMessageEndingWith(" in 3 attempts: no route to host");
  }

  private List<TensorChunk> chunks() throws IOException, InterruptedException {
    List<TensorChunk> chunks = new ArrayList<>();
    try (StepChunks again = new StepChunks(run, 0, 4)) {
      chunks.addAll(again.microBatch());
      chunks.addAll(again.microBatch());
    }
    return chunks;
  }
}

package io.simmim.pipeline.show;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.operators.image.ImagePath;
import io.simmim.operators.image.ImagePathFunction.Beside;
import io.simmim.operators.source.ChunkSource;
import io.simmim.operators.source.enumerator.ListedImages;
import io.simmim.operators.source.suspect.SuspectConfig;
import io.simmim.operators.trial.ImageTrial;
import io.simmim.pipeline.config.ConfigLoader;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.pipeline.images.Photographs;
import io.simmim.pipeline.replay.PastImages;
import io.simmim.pipeline.run.Leases;
import io.simmim.pipeline.run.PreparedRun;
import io.simmim.pipeline.run.Resume;
import io.simmim.pipeline.run.SamplePath;
import io.simmim.pipeline.run.StoredRun;
import io.simmim.schemas.EncodedChunkSerializer;
import io.simmim.schemas.TensorChunk;
import io.simmim.schemas.TensorChunkSerializer;
import io.simmim.schemas.timing.ChunkTimes;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.CloseableIterator;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is shown of a step against what a real job makes for it. */
@Timeout(240)
class PastStepITCase {
  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"data.shuffle=sample", "data.shuffle=block", "mask.strategy=block"})
  void hasTheBytesThatTheTrainerGets(String assignment) throws Exception {
    Path images = folder.resolve("images");
    Photographs.draw(images, 25);
    Files.writeString(images.resolve("broken.jpg"), "no JPEG");
    SimmimConfig config = config(images, assignment);
    PreparedRun run = Leases.prepare(config, Resume.parse("latest"), Optional.empty(), line -> {});

    long begun = ChunkTimes.nowMicros();
    List<TensorChunk> chunks = chunksOfAJob(config, run);

    StoredRun stored = StoredRun.read(run.folder().root().toString(), List.of());
    assertThat(chunks).hasSize((int) (stored.steps() * stored.plan().chunksPerStep()));
    try (ImagePath path = SamplePath.of(stored.config()).open();
        PastImages readAgain = new PastImages(stored)) {
      int perStep = (int) stored.plan().chunksPerStep();
      for (int step = 1; step <= stored.steps(); step++) {
        Samples shown = new Samples();
        StepImage.of(stored.chunksOf(step), Map.of())
            .forEach(image -> shown.add(image.load(path, readAgain)));
        Samples trained = new Samples();
        chunks.subList((step - 1) * perStep, step * perStep).forEach(trained::add);
        assertThat(shown.ids).as("step %d", step).isEqualTo(trained.ids);
        assertThat(shown.pixels.toByteArray()).isEqualTo(trained.pixels.toByteArray());
        assertThat(shown.masks.toByteArray()).isEqualTo(trained.masks.toByteArray());
        assertThat(shown.rejected).isEqualTo(trained.rejected);
      }
    }
    assertThat(chunks).anyMatch(chunk -> !chunk.rejected().isEmpty());
    for (TensorChunk chunk : chunks) {
      assertThat(begun).isLessThan(chunk.times().fetchedMicros());
      assertThat(chunk.times().fetchedMicros()).isLessThan(chunk.times().decodedMicros());
    }
  }

  private SimmimConfig config(Path images, String assignment) {
    return new ConfigLoader()
        .preset("vit-tiny")
        .set(
            List.of(
                "training.epochs=2",
                "schedule.warmup-epochs=1",
                "training.micro-batch=4",
                "training.accumulation=2",
                "training.chunk-images=2",
                assignment))
        .input(List.of(images.toString()))
        .output(folder.resolve("output").toString())
        .load()
        .config();
  }

  /** In the order of their numbers. */
  private List<TensorChunk> chunksOfAJob(SimmimConfig config, PreparedRun run) throws Exception {
    StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(2);
    SuspectConfig suspects =
        SuspectConfig.ofNewJob(
            new ImageTrial(config.image(), config.seed()), folder.resolve("suspects").toString());
    ListedImages images =
        new ListedImages(run.catalog(), run.plan(), config.seed(), config.data().shuffle());
    List<TensorChunk> chunks = new ArrayList<>();
    CloseableIterator<TensorChunk> results =
        env.fromSource(
                new ChunkSource(images, config.fetch(), suspects),
                WatermarkStrategy.noWatermarks(),
                "images",
                EncodedChunkSerializer.TYPE)
            .map(SamplePath.of(config).function(Beside.NOTHING))
            .returns(TensorChunkSerializer.TYPE)
            .executeAndCollect();
    results.forEachRemaining(chunks::add);
    results.close();
    chunks.sort(Comparator.comparingLong(TensorChunk::index));
    return chunks;
  }

  private static final class Samples {
    private final List<Long> ids = new ArrayList<>();
    private final ByteArrayOutputStream pixels = new ByteArrayOutputStream();
    private final ByteArrayOutputStream masks = new ByteArrayOutputStream();
    private final List<String> rejected = new ArrayList<>();

    void add(TensorChunk chunk) {
      for (long id : chunk.sampleIds()) {
        ids.add(id);
      }
      pixels.writeBytes(chunk.pixels());
      masks.writeBytes(chunk.masks());
      chunk.rejected().forEach(image -> rejected.add(image.uri() + ": " + image.reason()));
    }
  }
}

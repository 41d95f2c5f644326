package io.simmim.pipeline.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.operators.catalog.Catalog;
import io.simmim.pipeline.config.ConfigLoader;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.schemas.ImageRef;
import io.simmim.schemas.text.Amount;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RunSizeTest {
  private static final int BYTES = 1000;

  @Test
  void anEpochReadsTheImagesOfItsWholeBatches() throws IOException {
    RunSize size = size(config(), 100);

    assertThat(size.epochRequests()).isEqualTo(96);
    assertThat(size.epochBytes()).isEqualTo(96 * BYTES);
    assertThat(size.line())
        .isEqualTo("an epoch reads 96.0 kB in 96 requests; a checkpoint has 35.7 MB, 2 are kept");
  }

  /** What a cut or made-up shard claims of an image is not read. */
  @Test
  void anEpochReadsNothingOfImagesThatCannotBeUsed() throws IOException {
    List<ImageRef> refs = new ArrayList<>();
    for (int i = 0; i < 96; i++) {
      refs.add(new ImageRef(i, "file:/shard.tar", 512L + i * 1536L, BYTES, i + ".jpg", ""));
    }
    refs.add(new ImageRef(96, "file:/z.tar", 512, 2_000_000_000, "z.jpg", "it is cut"));
    refs.add(new ImageRef(97, "file:/zz.jpg", 0, Integer.MAX_VALUE, "", ""));
    Catalog catalog = Catalog.of(refs, List.of("file:/"));

    RunSize size = RunSize.of(config(), catalog, config().plan(98), 0);

    assertThat(size.epochBytes()).isEqualTo(Math.round(96.0 * BYTES * 96 / 98));
  }

  @Test
  void neighboursInAShardAreOneRequest() throws IOException {
    assertThat(size(config("data.shuffle=block"), 96).epochRequests()).isEqualTo(96 / 16);
  }

  @Test
  void aCheckpointWithinAnAccumulationHasTheGradientsToo() throws IOException {
    long parameters = size(config(), 100).parameters();

    assertThat(size(config(), 100).checkpointBytes()).isEqualTo(12 * parameters);
    assertThat(size(config("training.accumulation=2"), 100).checkpointBytes())
        .isEqualTo(16 * parameters);
  }

  @Test
  void aRunWithoutEndSaysNothingOfEpochs() {
    assertThat(RunSize.ofContinuous(config("continuous.follow=true")).line())
        .isEqualTo("a checkpoint has 35.7 MB, 2 are kept");
  }

  @Test
  void amountsAndTimesHaveThreeDigitsOrTwoUnits() {
    assertThat(Stream.of(999L, 22_100_000L, 999_700L, 447_000_000L).map(Amount::bytes))
        .containsExactly("999 bytes", "22.1 MB", "1.0 MB", "447 MB");
    assertThat(Stream.of(59.4, 320.0, 5400.0, 360_000.0).map(Amount::time))
        .containsExactly("59 s", "5 min 20 s", "1 h 30 min", "100 h (4.2 days)");
  }

  private static RunSize size(SimmimConfig config, int images) throws IOException {
    List<ImageRef> refs = new ArrayList<>();
    for (int i = 0; i < images; i++) {
      refs.add(new ImageRef(i, "file:/shard.tar", 512L + i * 1536L, BYTES, i + ".jpg", ""));
    }
    return RunSize.of(config, Catalog.of(refs, List.of("file:/")), config.plan(images), 0);
  }

  private static SimmimConfig config(String... assignments) {
    return new ConfigLoader().preset("vit-tiny").set(List.of(assignments)).load().config();
  }
}

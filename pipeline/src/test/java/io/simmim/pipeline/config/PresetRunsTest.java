package io.simmim.pipeline.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.operators.image.mask.MaskConfig;
import io.simmim.schemas.TensorChunk;
import io.simmim.schemas.random.Philox;
import io.simmim.schemas.random.Philox.Purpose;
import io.simmim.trainer.device.MicroBatch;
import io.simmim.trainer.export.SafetensorsWriter;
import io.simmim.trainer.loop.TrainerConfig;
import io.simmim.trainer.loop.TrainingModel;
import io.simmim.trainer.model.encoder.EncoderType;
import io.simmim.trainer.model.target.ClusterColors;
import io.simmim.trainer.state.Gradients;
import io.simmim.trainer.state.InitialState;
import io.simmim.trainer.state.StateSnapshot;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Two steps of every preset's model, scaled down to small images and widths with its depth, heads,
 * windows, masks, target and optimizer: resumed between and within the steps, it exports the same
 * bytes as without.
 */
@Tag("slow")
class PresetRunsTest {
  private static final int IMAGES = 2;
  private static final double RATE = 1e-3;

  private static List<String> names() {
    return Presets.names();
  }

  @ParameterizedTest
  @MethodSource("names")
  void exportsTheSameWhetherResumedOrNot(String name) throws Exception {
    SimmimConfig config = scaledDown(name);
    TrainerConfig trainer = config.trainer(ClusterColors.NONE);
    byte[] undisturbed;
    try (TrainingModel model = TrainingModel.create(trainer)) {
      for (int number = 0; number < 4; number++) {
        train(model, config, number);
      }
      undisturbed = export(model);
    }
    // After a step, and inside the next one.
    byte[] resumed = resumedAfter(1, trainer, config);
    byte[] resumedInside = resumedAfter(2, trainer, config);

    assertThat(resumed).isEqualTo(undisturbed);
    assertThat(resumedInside).isEqualTo(undisturbed);
  }

  private static byte[] resumedAfter(int number, TrainerConfig trainer, SimmimConfig config)
      throws IOException {
    try (TrainingModel first = TrainingModel.create(trainer)) {
      for (int i = 0; i <= number; i++) {
        train(first, config, i);
      }
      try (StateSnapshot snapshot = first.snapshot(Gradients.KEEP);
          TrainingModel second = TrainingModel.create(trainer, new InitialState.Saved(snapshot))) {
        for (int i = number + 1; i < 4; i++) {
          train(second, config, i);
        }
        return export(second);
      }
    }
  }

  /** One of the two micro-batches of a step. */
  private static void train(TrainingModel model, SimmimConfig config, int number) {
    assertThat(model.accumulateNow(batch(config, number), number, 0.5)).isFinite().isPositive();
    if (number % 2 == 1) {
      model.update(RATE);
    }
  }

  private static byte[] export(TrainingModel model) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (StateSnapshot snapshot = model.snapshot(Gradients.NONE)) {
      SafetensorsWriter.writeParameters(snapshot, Map.of("format", "pt"), bytes);
    }
    return bytes.toByteArray();
  }

  private static MicroBatch batch(SimmimConfig config, int number) {
    int size = config.image().size();
    byte[] pixels = new byte[IMAGES * 3 * size * size];
    new Random(number).nextBytes(pixels);
    MaskConfig mask = config.mask();
    int side = size / mask.patchSize();
    byte[] masks = new byte[IMAGES * side * side];
    for (int image = 0; image < IMAGES; image++) {
      mask.strategyFor(size)
          .mask(new Philox(0, Purpose.MASK, number, image), masks, image * side * side);
    }
    return MicroBatch.of(
        List.of(new TensorChunk(0, 0, size, side, new long[IMAGES], pixels, masks, List.of())));
  }

  /**
   * One to four values per attention head, and as small an image as masks, cells and windows allow.
   */
  private static SimmimConfig scaledDown(String name) {
    SimmimConfig preset = new ConfigLoader().preset(name).load().config();
    EncoderType type = preset.encoder().type();
    int heads = type == EncoderType.RESNET ? 1 : preset.encoder().numHeads().get(0);
    // The largest Swins have many heads, and stages of eight times the width.
    int width = type.hasWindows() && heads > 8 ? heads : 4 * heads;
    int unit = Math.max(preset.mask().patchSize(), preset.encoder().stride());
    int size = (96 + unit - 1) / unit * unit;
    List<String> settings = new ArrayList<>();
    settings.add("encoder.embed-dim=" + width);
    settings.add("objective.decoder-embed-dim=" + 4 * preset.objective().decoderNumHeads());
    settings.add("image.size=" + size);
    settings.add("training.device=cpu");
    settings.add("training.threads=1");
    return new ConfigLoader().preset(name).set(settings).load().config();
  }
}

package io.simmim.pipeline.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.operators.image.crop.ImageConfig;
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
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
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

  /**
   * What two presets train alike when it is equal.
   *
   * @param trainer the model and its optimizer
   * @param image of which sizes it sees
   * @param mask of images
   */
  private record Trained(TrainerConfig trainer, ImageConfig image, MaskConfig mask) {
    static Trained of(String preset) {
      SimmimConfig config = scaledDown(preset);
      return new Trained(config.trainer(ClusterColors.NONE), config.image(), config.mask());
    }
  }

  /** Names of all presets, of each kind together. */
  private static Collection<List<String>> presets() {
    return Presets.names().stream()
        .collect(Collectors.groupingBy(Trained::of, LinkedHashMap::new, Collectors.toList()))
        .values();
  }

  @ParameterizedTest
  @MethodSource("presets")
  void exportTheSameWhetherResumedOrNot(List<String> alike) throws Exception {
    Trained trained = Trained.of(alike.get(0));
    try (TrainingModel model = TrainingModel.create(trained.trainer())) {
      train(model, trained, 0, 2);
      try (StateSnapshot afterAStep = model.snapshot(Gradients.KEEP)) {
        train(model, trained, 2, 3);
        try (StateSnapshot insideTheNext = model.snapshot(Gradients.KEEP)) {
          train(model, trained, 3, 4);
          byte[] undisturbed = export(model);

          assertThat(resumed(afterAStep, trained, 2)).isEqualTo(undisturbed);
          assertThat(resumed(insideTheNext, trained, 3)).isEqualTo(undisturbed);
        }
      }
    }
  }

  private static byte[] resumed(StateSnapshot snapshot, Trained trained, int next)
      throws IOException {
    try (TrainingModel model =
        TrainingModel.create(trained.trainer(), new InitialState.Saved(snapshot))) {
      train(model, trained, next, 4);
      return export(model);
    }
  }

  /** Micro-batches, of which a step has two. */
  private static void train(TrainingModel model, Trained trained, int from, int to) {
    for (int number = from; number < to; number++) {
      assertThat(model.accumulateNow(batch(trained, number), number, 0.5)).isFinite().isPositive();
      if (number % 2 == 1) {
        model.update(RATE);
      }
    }
  }

  private static byte[] export(TrainingModel model) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (StateSnapshot snapshot = model.snapshot(Gradients.NONE)) {
      SafetensorsWriter.writeParameters(snapshot, Map.of("format", "pt"), bytes);
    }
    return bytes.toByteArray();
  }

  private static MicroBatch batch(Trained trained, int number) {
    int size = trained.image().size();
    byte[] pixels = new byte[IMAGES * 3 * size * size];
    new Random(number).nextBytes(pixels);
    MaskConfig mask = trained.mask();
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

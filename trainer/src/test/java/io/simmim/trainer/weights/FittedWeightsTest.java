package io.simmim.trainer.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.schemas.UserError;
import io.simmim.trainer.loop.SmallModels;
import io.simmim.trainer.model.MaskedImageModel;
import io.simmim.trainer.model.ModelConfig;
import io.simmim.trainer.model.classifier.ClassificationModel;
import io.simmim.trainer.model.classifier.ClassifierConfig;
import io.simmim.trainer.model.classifier.Pooling;
import io.simmim.trainer.model.encoder.EncoderConfig;
import io.simmim.trainer.model.encoder.EncoderType;
import io.simmim.trainer.model.encoder.RelativePositionBias;
import io.simmim.trainer.model.parameter.ParameterSpec;
import io.simmim.trainer.model.target.ClusterColors;
import io.simmim.trainer.torch.Precision;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class FittedWeightsTest {
  private static final List<ParameterSpec> VIT = vit(32);

  private static List<ParameterSpec> vit(int imageSize) {
    EncoderConfig encoder =
        new EncoderConfig(
            EncoderType.VIT,
            8,
            32,
            List.of(2),
            List.of(2),
            0,
            0,
            4,
            true,
            true,
            RelativePositionBias.SHARED,
            0.1,
            0);
    return new MaskedImageModel(
            ModelConfig.simmim(imageSize, imageSize / 16, encoder), ClusterColors.NONE)
        .parameters();
  }

  private static MapTensors tensors(List<ParameterSpec> model, String prefix) {
    MapTensors tensors = new MapTensors();
    model.forEach(spec -> tensors.add(prefix + spec.name(), spec.tensor().shape()));
    return tensors;
  }

  private static FittedWeights fit(NamedTensors file) throws IOException {
    return FittedWeights.of("weights.pth", VIT, file);
  }

  @Test
  void takesAModelOfEachKindAsItIs() throws IOException {
    for (ModelConfig config : SmallModels.all().values()) {
      ClusterColors colors = SmallModels.trainer(config, Precision.FP32).colors();
      List<ParameterSpec> model = new MaskedImageModel(config, colors).parameters();

      FittedWeights fitted = FittedWeights.of("it", model, tensors(model, ""));

      assertThat(fitted.notes()).isEmpty();
      assertThat(fitted.drawn()).isEmpty();
      assertThat(fitted.shapes()).hasSize(model.size());
    }
  }

  @Test
  void findsTheNamesBehindWhatScriptsPutBeforeThem() throws IOException {
    for (String prefix : List.of("module.", "model.", "module.model.", "_orig_mod.")) {
      assertThat(fit(tensors(VIT, prefix)).drawn()).as(prefix).isEmpty();
    }
    MapTensors bare = new MapTensors();
    VIT.stream()
        .filter(spec -> spec.name().startsWith("encoder."))
        .forEach(
            spec ->
                bare.add(
                    "backbone." + spec.name().substring("encoder.".length()),
                    spec.tensor().shape()));
    bare.add("backbone.head.weight", List.of(10L, 32L)).add("backbone.fc_norm.bias", List.of(32L));

    FittedWeights fitted = fit(bare);

    assertThat(fitted.drawn()).containsExactlyInAnyOrder("decoder.0.weight", "decoder.0.bias");
    assertThat(fitted.notes())
        .containsExactly(
            "left over, of another head: encoder.head.weight, encoder.fc_norm.bias",
            "drawn anew, as the weights do not have them: decoder.0.weight, decoder.0.bias");
    assertThat(fitted.read("encoder.cls_token")).startsWith(0, 1, 2);
  }

  @Test
  void tellsATerminalNothingByTheNamesOfAnotherHead() throws IOException {
    MapTensors file = tensors(VIT, "").add("head.\u001b[2J", List.of(1L));

    assertThat(fit(file).notes()).containsExactly("left over, of another head: head.\\u{1b}[2J");
  }

  @Test
  void refusesAnythingMissingOrLeftOverOfTheEncoder() {
    MapTensors file = tensors(VIT, "module.");
    file.remove("module.encoder.norm.weight");
    file.add("module.encoder.norm.gain\n", List.of(32L));
    file.add("module.encoder.rel_pos_bias.relative_position_index", List.of(17L, 17L));

    assertThatThrownBy(() -> fit(file))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "the weights in weights.pth are not of this model: missing encoder.norm.weight;"
                + " left over encoder.norm.gain\\u{a}");
    assertThat(file.closed).isTrue();
  }

  @Test
  void refusesAnotherShapeAndNamesBoth() {
    MapTensors file = tensors(VIT, "");
    file.add("encoder.patch_embed.proj.weight", List.of(32L, 3L, 16L, 16L));

    assertThatThrownBy(() -> fit(file))
        .hasMessage(
            "the weights in weights.pth are not of this model: of another shape"
                + " encoder.patch_embed.proj.weight [32, 3, 16, 16] instead of [32, 3, 8, 8]");
  }

  @Test
  void listsFewOfManyNames() {
    assertThatThrownBy(() -> fit(new MapTensors().add("a", List.of())))
        .hasMessageMatching(".*: missing encoder.cls_token, [^;]* and 32 more; left over a");
  }

  @Test
  void drawsAWholeHeadWhereOnePartOfItIsOfAnotherTask() throws IOException {
    MapTensors file = tensors(VIT, "");
    file.add("decoder.0.bias", List.of(7L));

    assertThat(fit(file).drawn()).containsExactlyInAnyOrder("decoder.0.weight", "decoder.0.bias");
  }

  @Test
  void resamplesPositionsOfAnotherResolutionAndSaysSo() throws IOException {
    FittedWeights fitted = FittedWeights.of("it", VIT, tensors(vit(48), ""));

    assertThat(fitted.notes())
        .containsExactly(
            "resampled biases of 11 x 11 relative positions to 7 x 7: encoder.rel_pos_bias.relative_position_bias_table",
            "resampled positions from 6 x 6 to 4 x 4: encoder.pos_embed");
    assertThat(fitted.read("encoder.pos_embed")).hasSize(17 * 32);
  }

  @Test
  void refusesValuesThatAreNotFinite() throws IOException {
    MapTensors file = tensors(VIT, "");
    file.add("encoder.norm.bias", List.of(32L), 0, 1, Float.NaN);

    assertThatThrownBy(() -> fit(file).requireFinite())
        .isInstanceOf(UserError.class)
        .hasMessage("weights must be finite: value 2 of encoder.norm.bias is NaN");
  }

  private static List<ParameterSpec> classifier(RelativePositionBias bias, Pooling pooling) {
    EncoderConfig encoder =
        new EncoderConfig(
            EncoderType.VIT, 8, 32, List.of(2), List.of(2), 0, 0, 4, true, true, bias, 0.1, 0);
    return new ClassificationModel(new ClassifierConfig(32, encoder, pooling, 3, false))
        .parameters();
  }

  @Test
  void givesEachBlockOfAClassifierTheSharedBiasAndLeavesOutWhatOnlyPretrainingHas()
      throws IOException {
    List<ParameterSpec> model = classifier(RelativePositionBias.PER_BLOCK, Pooling.MEAN);

    FittedWeights fitted = FittedWeights.ofClassifier("it", model, tensors(VIT, ""));

    assertThat(fitted.drawn())
        .containsExactlyInAnyOrder("fc_norm.weight", "fc_norm.bias", "head.weight", "head.bias");
    for (int block = 0; block < 2; block++) {
      assertThat(fitted.read("blocks.%d.attn.relative_position_bias_table".formatted(block)))
          .hasSize((7 * 7 + 3) * 2)
          .startsWith(0, 1, 2);
    }
    assertThat(fitted.read("cls_token")).startsWith(0, 1, 2);
  }

  @Test
  void keepsTheLastNormOfAClassifierOfClassTokensAndDrawsAHeadThatWouldFit() throws IOException {
    List<ParameterSpec> model = classifier(RelativePositionBias.PER_BLOCK, Pooling.CLASS_TOKEN);
    MapTensors file = tensors(VIT, "");
    file.add("head.weight", List.of(3L, 32L)).add("head.bias", List.of(3L));

    FittedWeights fitted = FittedWeights.ofClassifier("it", model, file);

    assertThat(fitted.drawn()).containsExactlyInAnyOrder("head.weight", "head.bias");
    assertThat(fitted.notes())
        .contains(
            "left over, of another head: head.weight, head.bias, decoder.0.weight, decoder.0.bias");
    assertThat(fitted.shapes()).containsKeys("norm.weight", "norm.bias");
  }

  @Test
  void takesBiasesOfQueriesAndValuesOutOfOneTensor() throws IOException {
    List<ParameterSpec> model = classifier(RelativePositionBias.NONE, Pooling.MEAN);
    MapTensors file = new MapTensors();
    for (ParameterSpec spec : model) {
      if (spec.name().endsWith("q_bias")) {
        file.add(spec.name().replace("q_bias", "qkv.bias"), List.of(96L));
      } else if (!spec.name().endsWith("v_bias")) {
        file.add(spec.name(), spec.tensor().shape());
      }
    }

    FittedWeights fitted = FittedWeights.ofClassifier("it", model, file);

    assertThat(fitted.read("blocks.1.attn.q_bias")).hasSize(32).startsWith(0, 1, 2);
    assertThat(fitted.read("blocks.1.attn.v_bias")).hasSize(32).startsWith(64, 65, 66);
  }
}

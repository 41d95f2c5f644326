package io.simmim.trainer.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.trainer.interop.ForeignModel.Absent;
import io.simmim.trainer.interop.layout.EncoderShapes;
import io.simmim.trainer.interop.layout.ForeignText;
import io.simmim.trainer.interop.layout.Library;
import io.simmim.trainer.interop.layout.PortableModel;
import io.simmim.trainer.model.ModelConfig;
import io.simmim.trainer.model.encoder.EncoderConfig;
import io.simmim.trainer.model.encoder.EncoderType;
import io.simmim.trainer.model.encoder.RelativePositionBias;
import io.simmim.trainer.model.head.HeadConfig;
import io.simmim.trainer.model.head.HeadType;
import io.simmim.trainer.model.objective.ModelChoices;
import io.simmim.trainer.model.objective.ObjectiveConfig;
import io.simmim.trainer.model.objective.ObjectiveType;
import io.simmim.trainer.model.target.LossArea;
import io.simmim.trainer.model.target.LossConfig;
import io.simmim.trainer.model.target.LossType;
import io.simmim.trainer.model.target.TargetConfig;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ForeignExportTest {
  private static final int SIZE = 32;

  private static ModelConfig vit(boolean absolute, RelativePositionBias bias, double layerScale) {
    EncoderConfig encoder =
        new EncoderConfig(
            EncoderType.VIT,
            8,
            12,
            List.of(2),
            List.of(3),
            0,
            0,
            4,
            true,
            absolute,
            bias,
            layerScale,
            0);
    return ModelConfig.simmim(SIZE, 4, encoder);
  }

  private static ModelConfig swin(EncoderType type, int mainNormInterval, int window) {
    return swin(type, mainNormInterval, window, List.of());
  }

  private static ModelConfig swin(
      EncoderType type, int mainNormInterval, int window, List<Integer> pretrained) {
    EncoderConfig encoder =
        new EncoderConfig(
            type,
            4,
            8,
            List.of(1, 2),
            List.of(1, 2),
            window,
            mainNormInterval,
            pretrained,
            4,
            true,
            false,
            RelativePositionBias.NONE,
            0,
            0);
    return ModelConfig.simmim(SIZE, 8, encoder);
  }

  private static ModelConfig pretrained(List<Integer> windows) {
    return swin(EncoderType.SWINV2, 0, 4, windows);
  }

  private static ModelConfig resNet(int width, Integer... depths) {
    return ModelConfig.simmim(64, 2, EncoderShapes.resNet(width, List.of(depths)));
  }

  private static ModelConfig mae() {
    ModelConfig plain = vit(true, RelativePositionBias.NONE, 0);
    return new ModelConfig(
        SIZE,
        4,
        new ModelChoices(
            new ObjectiveConfig(ObjectiveType.MAE, 8, 1, 2),
            plain.encoder(),
            HeadConfig.LINEAR,
            TargetConfig.PIXELS,
            new LossConfig(LossType.L2, LossArea.MASKED)),
        false);
  }

  private static PortableModel portable(ModelConfig model) {
    return new PortableModel(model, Optional.empty());
  }

  static Stream<Arguments> models() {
    RelativePositionBias none = RelativePositionBias.NONE;
    return Stream.of(
        Arguments.of("ViTForMaskedImageModeling", Library.HUGGINGFACE, vit(true, none, 0)),
        Arguments.of(
            "BeitModel", Library.HUGGINGFACE, vit(false, RelativePositionBias.SHARED, 0.1)),
        Arguments.of(
            "BeitModel", Library.HUGGINGFACE, vit(true, RelativePositionBias.PER_BLOCK, 0)),
        Arguments.of(
            "SwinForMaskedImageModeling", Library.HUGGINGFACE, swin(EncoderType.SWIN, 0, 4)),
        Arguments.of(
            "Swinv2ForMaskedImageModeling", Library.HUGGINGFACE, swin(EncoderType.SWINV2, 0, 4)),
        Arguments.of(
            "Swinv2ForMaskedImageModeling", Library.HUGGINGFACE, pretrained(List.of(6, 3))),
        Arguments.of("ViTMAEForPreTraining", Library.HUGGINGFACE, mae()),
        Arguments.of("vit_base_patch16_224", Library.TIMM, vit(true, none, 0.1)),
        Arguments.of(
            "beit_base_patch16_224", Library.TIMM, vit(false, RelativePositionBias.SHARED, 0.1)),
        Arguments.of("swin_base_patch4_window7_224", Library.TIMM, swin(EncoderType.SWIN, 0, 4)),
        Arguments.of("swinv2_base_window8_256", Library.TIMM, swin(EncoderType.SWINV2, 0, 4)),
        Arguments.of("swinv2_base_window8_256", Library.TIMM, pretrained(List.of(0, 3))));
  }

  @ParameterizedTest
  @MethodSource("models")
  void readsWhatItWroteToTheSameBytes(String architecture, Library library, ModelConfig model)
      throws IOException {
    MemoryTensors official = MemoryTensors.of(ForeignExport.official(model));
    ForeignExport export = ForeignExport.of(library, portable(model), official, "");
    MemoryTensors theirs = MemoryTensors.of(export.tensors());

    ForeignModel read =
        ForeignModel.read(ForeignText.of(export.config().toString()), theirs).orElseThrow();
    MemoryTensors again = MemoryTensors.of(read.official(Absent.LEFT_OUT));
    MemoryTensors written = MemoryTensors.of(read.export(again).tensors());

    assertThat(export.architecture()).isEqualTo(architecture);
    assertThat(read.model().encoder()).isEqualTo(model.encoder());
    assertThat(read.extra()).isEmpty();
    for (String name : official.names()) {
      if (!read.missing().contains(name)) {
        assertThat(again.bytes(name)).as(name).isEqualTo(official.bytes(name));
      }
    }
    assertThat(written.names()).isEqualTo(theirs.names());
    theirs.names().forEach(n -> assertThat(written.bytes(n)).as(n).isEqualTo(theirs.bytes(n)));
  }

  @ParameterizedTest
  @CsvSource({
    "swinv2_base_window8_256, 8, 256, ''",
    "swinv2_base_window12to16_192to256, 16, 256, '12, 12, 12, 6'",
    "swinv2_large_window12to24_192to384, 24, 384, '12, 12, 12, 6'"
  })
  void readsSizesFromTheNamesOfTimm(String name, int window, int side, String pretrained)
      throws IOException {
    EncoderConfig shape =
        new EncoderConfig(
            EncoderType.SWINV2,
            4,
            8,
            List.of(1, 1, 1, 1),
            List.of(1, 1, 1, 1),
            window,
            0,
            4,
            true,
            false,
            RelativePositionBias.NONE,
            0,
            0);
    MemoryTensors official =
        MemoryTensors.of(ForeignExport.official(ModelConfig.simmim(side, side / 4, shape)));
    ForeignExport export =
        ForeignExport.of(
            Library.TIMM, portable(ModelConfig.simmim(side, side / 4, shape)), official, "");

    ModelConfig read =
        ForeignModel.read(
                ForeignText.of("{\"architecture\": \"%s\"}".formatted(name)),
                MemoryTensors.of(export.tensors()))
            .orElseThrow()
            .model();

    assertThat(read.imageSize()).isEqualTo(side);
    assertThat(read.encoder().windowSize()).isEqualTo(window);
    assertThat(read.encoder().pretrainedWindowSizes()).hasToString("[" + pretrained + "]");
  }

  @Test
  void keysHaveNoBiasHere() throws IOException {
    ModelConfig model = vit(true, RelativePositionBias.NONE, 0);
    MemoryTensors official = MemoryTensors.of(ForeignExport.official(model));

    MemoryTensors theirs =
        MemoryTensors.of(ForeignExport.of(Library.TIMM, portable(model), official, "").tensors());

    byte[] bias = theirs.bytes("blocks.0.attn.qkv.bias");
    assertThat(bias).hasSize(3 * 12 * Float.BYTES);
    assertThat(Arrays.copyOfRange(bias, 12 * 4, 24 * 4)).containsOnly(0);
  }

  @Test
  void saysWhichFormatCanInstead() {
    ModelConfig plain = vit(true, RelativePositionBias.NONE, 0);
    ModelConfig mlp =
        new ModelConfig(
            SIZE,
            4,
            new ModelChoices(
                plain.objective(),
                plain.encoder(),
                new HeadConfig(HeadType.MLP, 6),
                plain.target(),
                plain.loss()),
            false);

    assertRefused(
        Library.HUGGINGFACE,
        mlp,
        "ViTForMaskedImageModeling predicts by one linear layer, this model by head.type mlp;"
            + " --format timm (the encoder alone) can");
    assertRefused(
        Library.TIMM,
        swin(EncoderType.SWINV2, 1, 4),
        "timm's Swin V2 has no norms on the main branch, this model encoder.main-norm-interval 1;"
            + " --format simmim can");
    assertRefused(
        Library.TIMM,
        swin(EncoderType.SWIN, 0, 3),
        "timm's Swin fills windows up behind their shift, this model before it"
            + " (encoder.window-size does not divide the patches of a stage); --format huggingface can");
    assertRefused(
        Library.TIMM,
        resNet(8, 1, 1),
        "timm's ResNet has a stem of width 64, this model encoder.embed-dim 8; --format huggingface"
            + " (the encoder alone) can");
  }

  private static void assertRefused(Library library, ModelConfig model, String message) {
    MemoryTensors official = MemoryTensors.of(ForeignExport.official(model));
    assertThatThrownBy(() -> ForeignExport.of(library, portable(model), official, ""))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }
}

package io.simmim.trainer.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simmim.schemas.safetensors.SafetensorsFile;
import io.simmim.trainer.interop.ForeignModel.Absent;
import io.simmim.trainer.interop.layout.ForeignText;
import io.simmim.trainer.interop.layout.Library;
import io.simmim.trainer.interop.names.TensorSource;
import io.simmim.trainer.model.parameter.TensorSpec;
import io.simmim.trainer.state.StateReader;
import io.simmim.trainer.weights.SafetensorsTensors;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Models that transformers 5.18 wrote without a head that is known here. */
class EncoderAloneExportTest {
  private static Path recorded(String name) throws URISyntaxException {
    return Path.of(EncoderAloneExportTest.class.getResource(name + "/config.json").toURI())
        .getParent();
  }

  private static ForeignText text(Path folder) throws IOException {
    return ForeignText.of(Files.readString(folder.resolve("config.json")));
  }

  private static List<String> names(StateReader state) {
    List<String> names = new ArrayList<>();
    state.tensors().forEach(tensor -> names.add(tensor.name().substring("param/".length())));
    return names;
  }

  @ParameterizedTest
  @CsvSource({
    "hf_vit_encoder, ViTModel, ''",
    "hf_swin_encoder, SwinModel, ''",
    "hf_beit_tokens, BeitModel, 'lm_head.bias, lm_head.weight'",
    "hf_dinov2_classifier, Dinov2Model, 'classifier.bias, classifier.weight'",
    "hf_resnet_classifier, ResNetModel, 'classifier.1.bias, classifier.1.weight'"
  })
  void areWrittenAsTheClassOfTheEncoder(String name, String architecture, String leftOut)
      throws Exception {
    Path folder = recorded(name);
    try (SafetensorsFile file = SafetensorsFile.open(folder.resolve("model.safetensors"))) {
      TensorSource theirs = TensorSource.of(new SafetensorsTensors(file, ""));
      ForeignModel read = ForeignModel.read(text(folder), theirs).orElseThrow();

      ForeignExport export = read.export(MemoryTensors.of(read.official(Absent.ZERO)));

      assertThat(export.architecture()).isEqualTo(architecture);
      assertThat(export.config().path("architectures").path(0).asText()).isEqualTo(architecture);
      assertThat(export.hasHead()).isFalse();
      assertThat(String.join(", ", export.leftOut())).isEqualTo(leftOut);
      assertThat(names(export.tensors()))
          .doesNotHaveDuplicates()
          .noneMatch(written -> written.matches("(vit|swin|beit|dinov2|resnet|decoder)\\..*"))
          .hasSizeGreaterThan(10);
    }
  }

  /** An integer of its configuration, which transformers refuses as 2.0. */
  @Test
  void theRatioOfDinov2IsAWholeNumber() throws Exception {
    Path folder = recorded("hf_dinov2_classifier");
    try (SafetensorsFile file = SafetensorsFile.open(folder.resolve("model.safetensors"))) {
      TensorSource theirs = TensorSource.of(new SafetensorsTensors(file, ""));
      ForeignModel read = ForeignModel.read(text(folder), theirs).orElseThrow();

      ObjectNode config = read.export(MemoryTensors.of(read.official(Absent.ZERO))).config();

      assertThat(config.path("mlp_ratio").isInt()).isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "reg_token, register tokens (reg_token)",
    "dist_token, a distillation token (dist_token)",
    "norm_pre.weight, a norm in front of its blocks (norm_pre.weight)",
    "blocks.0.attn.q_norm.weight, norms of queries and keys (blocks.0.attn.q_norm.weight)"
  })
  void partsOfTimmThatAreNotKnownAreNamed(String tensor, String part) {
    MemoryTensors tensors = MemoryTensors.of(List.of(spec("pos_embed", 5), spec(tensor, 1)));

    assertRefused("vit_small_patch14_reg4_dinov2", tensors, part);
  }

  @Test
  void positionsOfTimmThatAreNotKnownAreNamed() {
    MemoryTensors without = MemoryTensors.of(List.of(spec("pos_embed", 4)));
    MemoryTensors apart = MemoryTensors.of(List.of(spec("pos_embed", 4), spec("cls_token", 1)));

    assertRefused("vit_base_patch16_gap_224", without, "positions and no class token");
    assertRefused("deit3_small_patch16_224", apart, "a class token without a position");
    assertRefused("vit_small_patch16_dinov3", apart, "rotary positions");
  }

  private static TensorSpec spec(String name, long rows) {
    return new TensorSpec(name, List.of(1L, rows, 8L));
  }

  private static void assertRefused(String architecture, TensorSource tensors, String part) {
    ForeignText text = ForeignText.of("{\"architecture\": \"%s\"}".formatted(architecture));

    assertThatThrownBy(() -> ForeignModel.read(text, tensors))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "%s's %s has %s, which no model here has", Library.TIMM.title(), architecture, part);
  }
}

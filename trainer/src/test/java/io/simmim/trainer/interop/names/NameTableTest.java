package io.simmim.trainer.interop.names;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.simmim.trainer.interop.names.TensorLink.Part;
import io.simmim.trainer.model.parameter.TensorSpec;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NameTableTest {
  private static TensorSpec spec(String name, long... shape) {
    return new TensorSpec(name, Arrays.stream(shape).boxed().toList());
  }

  private static NameTable vit() {
    return NameTable.read("huggingface-vit.names", Map.of("prefix", "vit."));
  }

  @Test
  void splitsQueriesKeysAndValues() {
    List<TensorLink> links = vit().links(List.of(spec("encoder.blocks.7.attn.qkv.weight", 12, 4)));

    assertThat(links).hasSize(1);
    assertThat(links.get(0).theirs())
        .extracting(Part::name)
        .containsExactly(
            "vit.encoder.layer.7.attention.attention.query.weight",
            "vit.encoder.layer.7.attention.attention.key.weight",
            "vit.encoder.layer.7.attention.attention.value.weight");
    assertThat(links.get(0).theirs())
        .extracting(part -> part.tensor().shape())
        .containsOnly(List.of(4L, 4L));
  }

  @Test
  void hasAPlaceForKeysThatHaveNoBiasHere() {
    List<TensorLink> links =
        vit()
            .links(
                List.of(
                    spec("encoder.blocks.0.attn.q_bias", 4),
                    spec("encoder.blocks.0.attn.v_bias", 4)));

    assertThat(links).hasSize(1);
    assertThat(links.get(0).ours())
        .extracting(Part::name, Part::optional)
        .containsExactly(
            tuple("encoder.blocks.0.attn.q_bias", false),
            tuple("encoder.blocks.0.attn.k_bias", true),
            tuple("encoder.blocks.0.attn.v_bias", false));
  }

  @Test
  void countsOneUpAndDown() {
    NameTable swin = NameTable.read("timm-swin-own.names", Map.of());
    NameTable resNet = NameTable.read("huggingface-resnet.names", Map.of("prefix", ""));

    assertThat(theirs(swin, spec("encoder.layers.0.downsample.norm.weight", 4)))
        .isEqualTo("layers.1.downsample.norm.weight");
    assertThat(theirs(resNet, spec("encoder.layer1.2.conv3.weight", 4, 4, 1, 1)))
        .isEqualTo("encoder.stages.0.layers.2.layer.2.convolution.weight");
  }

  private static String theirs(NameTable table, TensorSpec spec) {
    return table.links(List.of(spec)).get(0).theirs().get(0).name();
  }

  @Test
  void leavesOutWhatTheLibraryHasNoPlaceFor() {
    NameTable table = NameTable.read("timm-vit.names", Map.of("norm", "norm"));

    assertThat(table.links(List.of(spec("encoder.mask_token", 1, 1, 4)))).isEmpty();
  }

  @Test
  void refusesToForgetATensor() {
    assertThatThrownBy(() -> vit().links(List.of(spec("encoder.blocks.0.gamma_1", 4))))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("huggingface-vit.names has no line for encoder.blocks.0.gamma_1");
  }
}

package io.simmim.trainer.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.trainer.interop.ForeignModel.Absent;
import io.simmim.trainer.interop.layout.ForeignText;
import io.simmim.trainer.interop.layout.Library;
import io.simmim.trainer.interop.layout.PortableModel;
import io.simmim.trainer.model.ModelConfig;
import io.simmim.trainer.model.encoder.EncoderConfig;
import io.simmim.trainer.model.encoder.EncoderType;
import io.simmim.trainer.model.encoder.RelativePositionBias;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ForeignModelTest {
  private static final String NORM = "vit.layernorm.weight";

  private final ModelConfig model =
      ModelConfig.simmim(
          32,
          4,
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
              true,
              RelativePositionBias.NONE,
              0,
              0));
  private String config;
  private MemoryTensors tensors;

  @BeforeEach
  void write() throws IOException {
    ForeignExport export =
        ForeignExport.of(
            Library.HUGGINGFACE,
            new PortableModel(model, Optional.empty()),
            MemoryTensors.of(ForeignExport.official(model)),
            "");
    config = export.config().toString();
    tensors = MemoryTensors.of(export.tensors());
  }

  private ForeignModel read() throws IOException {
    return ForeignModel.read(ForeignText.of(config), tensors).orElseThrow();
  }

  private void assertRefused(String message) {
    assertThatThrownBy(this::read).isInstanceOf(IllegalArgumentException.class).hasMessage(message);
  }

  @Test
  void namesWhatIsMissing() {
    tensors.remove(NORM);
    tensors.remove("vit.encoder.layer.1.attention.attention.key.weight");

    assertRefused(
        "tensors are missing: vit.encoder.layer.1.attention.attention.key.weight, " + NORM);
  }

  @Test
  void namesOnlyTheFirstOfMany() {
    for (String name : List.copyOf(tensors.names())) {
      if (name.contains(".layer.1.")) {
        tensors.remove(name);
      }
    }

    assertThatThrownBy(this::read).hasMessageEndingWith(" and 8 more");
  }

  @Test
  void namesWhatHasAnotherShape() {
    tensors.put(NORM, List.of(3L, 4L), tensors.bytes(NORM));

    assertRefused(
        "tensors have another shape than the configuration says: " + NORM + " [3, 4], not [12]");
  }

  @Test
  void refusesTensorsThatNoSuchModelHas() {
    tensors.put("vit.adapter.weight", List.of(1L), new byte[4]);

    assertRefused("there are tensors that no such model has: vit.adapter.weight");
  }

  @Test
  void doesWithoutTheHead() throws IOException {
    tensors.remove("decoder.0.weight");
    tensors.remove("decoder.0.bias");

    assertThat(read().missing()).containsExactly("decoder.0.bias", "decoder.0.weight");
  }

  @Test
  void keepsAClassifier() throws IOException {
    tensors.put("classifier.weight", List.of(2L, 1L), new byte[8]);

    assertThat(read().extra()).containsExactly("classifier.weight");
    assertThat(MemoryTensors.of(read().official(Absent.LEFT_OUT)).names())
        .contains("library/huggingface-vit/classifier.weight");
  }

  @Test
  void refusesValuesThatAreNoNumbers() throws IOException {
    ByteBuffer.wrap(tensors.bytes(NORM)).order(ByteOrder.LITTLE_ENDIAN).putFloat(4, Float.NaN);

    ForeignModel read = read();

    assertThatThrownBy(() -> MemoryTensors.of(read.official(Absent.LEFT_OUT)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("weights must be finite: a value of " + NORM + " is NaN");
  }

  @Test
  void limitsWhatAConfigurationMayClaim() {
    config = config.replace("\"hidden_size\":12", "\"hidden_size\":2000000000");

    assertRefused("hidden_size must be a whole number from 1 to 16384: 2000000000");
  }

  /** Of 64 bits of it, or 32, another number would be left that is allowed. */
  @ParameterizedTest
  @ValueSource(strings = {"18446744073709551628", "4294967308", "-4294967284"})
  void refusesNumbersThatWouldBecomeAllowedOnes(String number) {
    config = config.replace("\"hidden_size\":12", "\"hidden_size\":" + number);

    assertRefused("hidden_size must be a whole number from 1 to 16384: " + number);
  }

  @Test
  void refusesMoreBlocksThanAnyModelHas() {
    config = config.replace("\"num_hidden_layers\":2", "\"num_hidden_layers\":16384");

    assertRefused("encoder.depth must be from 1 to 1024: 16384");
  }

  @Test
  void refusesAnotherActivation() {
    config = config.replace("\"hidden_act\":\"gelu\"", "\"hidden_act\":\"relu\"");

    assertRefused("hidden_act must be gelu: \"relu\"");
  }

  @Test
  void refusesWhatHasNoCounterpart() {
    config = "{\"architecture\": \"convnext_tiny\"}";

    assertRefused("timm has no counterpart here: convnext_tiny");
  }

  @Test
  void leavesOurOwnDescriptionsAlone() throws IOException {
    assertThat(ForeignModel.read(ForeignText.of("{\"type\": \"vit\"}"), tensors)).isEmpty();
  }
}

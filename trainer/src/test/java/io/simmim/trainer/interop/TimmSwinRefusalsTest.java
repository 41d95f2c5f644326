package io.simmim.trainer.interop;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simmim.trainer.interop.layout.ForeignText;
import io.simmim.trainer.interop.layout.Library;
import io.simmim.trainer.interop.layout.PortableModel;
import io.simmim.trainer.model.ModelConfig;
import io.simmim.trainer.model.encoder.EncoderConfig;
import io.simmim.trainer.model.encoder.EncoderType;
import io.simmim.trainer.model.encoder.RelativePositionBias;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Files of timm's Swin V2 with sizes that nothing can be divided by. */
class TimmSwinRefusalsTest {
  private static final String PATCHES = "patch_embed.proj.weight";

  private ObjectNode config;
  private MemoryTensors tensors;

  @BeforeEach
  void write() throws IOException {
    EncoderConfig encoder =
        new EncoderConfig(
            EncoderType.SWINV2,
            4,
            6,
            List.of(1, 1),
            List.of(1, 2),
            4,
            0,
            4,
            true,
            false,
            RelativePositionBias.NONE,
            0,
            0);
    ModelConfig model = ModelConfig.simmim(32, 8, encoder);
    ForeignExport export =
        ForeignExport.of(
            Library.TIMM,
            new PortableModel(model, Optional.empty()),
            MemoryTensors.of(ForeignExport.official(model)),
            "");
    config = export.config();
    tensors = MemoryTensors.of(export.tensors());
  }

  private void assertRefused(String message) {
    assertThatThrownBy(() -> ForeignModel.read(ForeignText.of(config.toString()), tensors))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void imagesSmallerThanAPatch() {
    config.withObject("model_args").put("img_size", 1);

    assertRefused("encoder.patch-size must divide image.size 1: 4");
  }

  /** Whose windows of the first training follow from the name alone. */
  @Test
  void patchesWithoutPixels() {
    config.put("architecture", "swinv2_base_window12to16_192to256");
    config.withObject("model_args").remove("pretrained_window_sizes");
    tensors.put(PATCHES, List.of(6L, 3L, 0L, 4L), new byte[0]);

    assertRefused(PATCHES + " must have no dimension of 0: [6, 3, 0, 4]");
  }
}

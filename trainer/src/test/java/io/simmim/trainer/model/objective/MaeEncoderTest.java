package io.simmim.trainer.model.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.simmim.schemas.random.Philox;
import io.simmim.schemas.random.Philox.Purpose;
import io.simmim.schemas.safetensors.SafetensorsFile;
import io.simmim.trainer.model.encoder.EncoderConfig;
import io.simmim.trainer.model.encoder.EncoderType;
import io.simmim.trainer.model.encoder.RelativePositionBias;
import io.simmim.trainer.model.parameter.ParameterSpec;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class MaeEncoderTest {
  /** The shape of the recording {@code mae_vit}. */
  private static MaeEncoder encoder() {
    EncoderConfig config =
        new EncoderConfig(
            EncoderType.VIT,
            16,
            48,
            List.of(3),
            List.of(3),
            0,
            0,
            4,
            true,
            true,
            RelativePositionBias.NONE,
            0,
            0.3);
    return new MaeEncoder(config, new ObjectiveConfig(ObjectiveType.MAE, 32, 2, 4), 64);
  }

  private static float[] initial(String name) {
    ParameterSpec spec =
        encoder().parameters().stream()
            .filter(p -> p.name().equals(name))
            .findFirst()
            .orElseThrow();
    float[] values = new float[Math.toIntExact(spec.tensor().elements())];
    spec.initializer().fill(values, new Philox(0, Purpose.INITIALIZATION, 0, 0));
    return values;
  }

  @Test
  void hasTheOfficialPositions() throws Exception {
    try (SafetensorsFile file =
        SafetensorsFile.open(Path.of("src/test/resources/recordings/mae_vit.safetensors"))) {
      for (String name : List.of("pos_embed", "decoder_pos_embed")) {
        float[] recorded = file.readFloats("param." + name);
        float[] ours = initial(name);

        assertThat(ours).hasSameSizeAs(recorded);
        for (int i = 0; i < ours.length; i++) {
          assertThat(ours[i]).isCloseTo(recorded[i], within(1e-6f));
        }
      }
    }
  }

  @Test
  void doesNotLearnPositions() {
    assertThat(encoder().parameters())
        .filteredOn(spec -> !spec.learned())
        .extracting(ParameterSpec::name)
        .containsExactly("pos_embed", "decoder_pos_embed");
  }

  @Test
  void dropsPathsInTheEncoderAlone() {
    assertThat(encoder().dropPathRates()).containsExactly(0, 0.15, 0.3, 0, 0);
  }
}

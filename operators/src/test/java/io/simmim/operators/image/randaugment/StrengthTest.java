package io.simmim.operators.image.randaugment;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StrengthTest {
  private static final Path RECORDING =
      Path.of("src/test/resources/goldens/augment_operations.json");

  @Test
  void computesTheRecordedArgumentsOfMagnitudes() throws IOException {
    JsonNode operations = new ObjectMapper().readTree(RECORDING.toFile()).path("ops");

    assertThat(operations).hasSize(48);
    for (JsonNode operation : operations) {
      Strength strength = OperationType.named(operation.path("op").asText()).orElseThrow().strength;
      double magnitude = operation.path("magnitude").asDouble();
      double argument = operation.path("args").path(0).asDouble();
      if (strength == Strength.NONE) {
        assertThat(operation.path("args")).isEmpty();
      } else {
        assertThat(argument)
            .isIn(strength.argument(magnitude, false), strength.argument(magnitude, true));
      }
    }
  }

  /** As timm 1.0.29 computes them. */
  @ParameterizedTest
  @CsvSource({
    "Posterize, 9, 3",
    "Posterize, 2.4, 0",
    "PosterizeIncreasing, 30, -8",
    "Solarize, 3, 76",
    "Solarize, 25, 256",
    "SolarizeIncreasing, 25, 0",
    "SolarizeAdd, 25, 128",
    "Color, 9, 1.7200000000000002",
    "ColorIncreasing, 30, 3.7",
    "Rotate, 4.5, 13.5",
    "TranslateXRel, 10, 0.45",
  })
  void goesOnBeyondTheUsualMagnitudes(String name, double magnitude, double argument) {
    assertThat(OperationType.named(name).orElseThrow().strength.argument(magnitude, false))
        .isEqualTo(argument);
  }

  @Test
  void keepsAShareOfTheImageWhereAFactorFalls() {
    assertThat(Strength.FACTOR_AROUND_ONE.argument(10, true)).isEqualTo(0.1);
    assertThat(Strength.FACTOR_AROUND_ONE.argument(30, true)).isEqualTo(0.1);
  }
}

package io.simmim.pipeline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.pipeline.OtherDigits;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

class MainTest {
  @Test
  @ExtendWith(OtherDigits.class)
  void writesNumbersTheSameInEveryLanguage() {
    Main.main(new String[] {"presets"});

    assertThat("%,d %.1f".formatted(1234, 0.5)).isEqualTo("1,234 0.5");
  }
}

package io.simmim.pipeline.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.pipeline.OtherDigits;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

class PicturesTest {
  @Test
  @ExtendWith(OtherDigits.class)
  void findsTheirStepWhateverTheLanguageOfTheMachine() {
    String name = Pictures.file("/run", 30).getName();

    assertThat(name).isEqualTo("step-30.png");
    assertThat(Pictures.step(name)).hasValue(30);
  }
}

package io.simmim.trainer.model.parameter;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.trainer.torch.Precision;
import java.util.List;
import org.junit.jupiter.api.Test;

class ParameterLayoutTest {
  private static final List<ParameterSpec> SPECS = specs();

  private static List<ParameterSpec> specs() {
    ParameterList list = new ParameterList("", 0);
    list.add("norm", "norm", Initializer.constant(1), false, 5);
    list.addRounded("weight", "weight", Initializer.constant(1), true, 5, 7);
    list.addRounded("bias", "bias", Initializer.constant(1), false, 64);
    list.add("token", "token", Initializer.constant(1), false, 33);
    return list.specs();
  }

  @Test
  void beginsWithWhatIsRounded() {
    ParameterLayout layout = ParameterLayout.of(SPECS, Precision.BF16);

    assertThat(layout.rounded()).containsExactly(false, true, true, false);
    assertThat(layout.roundedElements()).isEqualTo(64 + 64);
    assertThat(layout.elements()).isEqualTo(64 + 64 + 32 + 64);
    assertThat(layout.gaps()).containsExactly(0L, 29L, 0L, 0L);
    assertThat(offsets(layout)).containsExactly(128L, 0L, 64L, 160L);
  }

  @Test
  void keepsTheOrderWhereNothingIsRounded() {
    ParameterLayout layout = ParameterLayout.of(SPECS, Precision.FP32);

    assertThat(layout.rounded()).containsOnly(false);
    assertThat(layout.roundedElements()).isZero();
    assertThat(layout.gaps()).containsOnly(0L);
    assertThat(offsets(layout)).containsExactly(0L, 32L, 96L, 160L);
  }

  private static long[] offsets(ParameterLayout layout) {
    return new long[] {layout.offset(0), layout.offset(1), layout.offset(2), layout.offset(3)};
  }
}

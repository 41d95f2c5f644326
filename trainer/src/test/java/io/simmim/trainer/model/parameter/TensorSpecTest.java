package io.simmim.trainer.model.parameter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class TensorSpecTest {
  @Test
  void hasItsSize() {
    assertThat(new TensorSpec("param/w", List.of(3L, 5L)).bytes()).isEqualTo(60);
    assertThat(new TensorSpec("optimizer/step", List.of()).elements()).isEqualTo(1);
  }

  @Test
  void refusesShapesThatNoTensorHas() {
    assertThatThrownBy(() -> new TensorSpec("param/w", List.of(2L, -1L)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("param/w");
    assertThatThrownBy(() -> new TensorSpec("param/w", List.of(1L << 31, 1L << 31)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new TensorSpec("param/w", Collections.nCopies(17, 1L)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the shape of param/w must have at most 16 dimensions: 17");
  }
}

package io.simmim.trainer.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import io.simmim.trainer.model.parameter.TensorSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

class StateParametersTest {
  /** More values than are read at once. */
  private static final long LARGE = 600_001;

  /** Each value is its place, and its tensor times a million. */
  private static final StateReader STATE =
      new StateReader() {
        @Override
        public List<TensorSpec> tensors() {
          return List.of(
              new TensorSpec("optimizer/step", List.of()),
              new TensorSpec("param/encoder.weight", List.of(LARGE, 1L)),
              new TensorSpec("param/head.bias", List.of(3L)),
              new TensorSpec("exp_avg/head.bias", List.of(3L)));
        }

        @Override
        public void read(int tensor, long byteOffset, ByteBuffer into) {
          ByteBuffer values = into.order(ByteOrder.LITTLE_ENDIAN);
          for (long at = byteOffset / Float.BYTES; values.hasRemaining(); at++) {
            values.putFloat((float) (tensor * 1_000_000L + at));
          }
        }
      };

  private final StateParameters parameters = new StateParameters(STATE);

  @Test
  void hasTheParametersAloneUnderTheirOwnNames() {
    assertThat(parameters.shapes())
        .containsExactly(
            entry("encoder.weight", List.of(LARGE, 1L)), entry("head.bias", List.of(3L)));
  }

  @Test
  void readsLargeTensorsAndPartsOfThem() throws IOException {
    assertThat(parameters.read("head.bias")).containsExactly(2_000_000, 2_000_001, 2_000_002);
    float[] all = parameters.read("encoder.weight");
    for (int i = 0; i < LARGE; i++) {
      assertThat(all[i]).isEqualTo(1_000_000 + i);
    }
    float[] some = new float[4];
    FloatBuffer into = FloatBuffer.wrap(some, 1, 2);
    parameters.read("encoder.weight", 599_999, into);
    assertThat(some).containsExactly(0, 1_599_999, 1_600_000, 0);
  }
}

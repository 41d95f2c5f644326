package io.simmim.schemas.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FloatValuesTest {
  @CsvSource({
    "0000, 0.0",
    "8000, -0.0",
    "3c00, 1.0",
    "c000, -2.0",
    "7bff, 65504.0",
    "0400, 6.103515625E-5",
    "03ff, 6.097555160522461E-5",
    "0001, 5.960464477539063E-8",
    "8001, -5.960464477539063E-8",
    "7c00, Infinity",
    "fc00, -Infinity",
    "7e00, NaN",
  })
  @ParameterizedTest
  void readsHalves(String bits, float expected) {
    float value = FloatValues.half((short) Integer.parseInt(bits, 16));

    assertThat(Float.floatToIntBits(value)).isEqualTo(Float.floatToIntBits(expected));
  }

  @Test
  void readsEachTypeByItsSize() {
    for (Dtype dtype : Dtype.values()) {
      ByteBuffer bytes = ByteBuffer.allocate(32).order(ByteOrder.LITTLE_ENDIAN);
      FloatBuffer values = FloatBuffer.allocate(3);
      if (FloatValues.reads(dtype)) {
        FloatValues.convert(dtype, bytes, values);
        assertThat(bytes.position()).as(dtype.name()).isEqualTo(3 * dtype.bytes());
      } else {
        assertThatThrownBy(() -> FloatValues.convert(dtype, bytes, values))
            .hasMessage("values of type %s are not read", dtype);
      }
    }
  }

  @Test
  void knowsWhichIntegersHaveASign() {
    ByteBuffer bytes = ByteBuffer.wrap(new byte[] {-1});
    FloatBuffer values = FloatBuffer.allocate(1);

    FloatValues.convert(Dtype.I8, bytes, values);
    assertThat(values.get(0)).isEqualTo(-1);
    FloatValues.convert(Dtype.U8, bytes.rewind(), values.rewind());
    assertThat(values.get(0)).isEqualTo(255);
  }
}

package io.simmim.schemas.bytes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VarintTest {
  @ParameterizedTest
  @CsvSource({"0, 00", "127, 7f", "128, 8001", "300, ac02", "-1, ffffffffffffffffff01"})
  void hasTheBytesOfProtobuf(long value, String hex) throws IOException {
    assertThat(HexFormat.of().formatHex(written(value))).isEqualTo(hex);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 127, 128, 1L << 35, Long.MAX_VALUE, Long.MIN_VALUE, -1})
  void isReadAsItWasWritten(long value) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(written(value));

    assertThat(Varint.read(bytes::get)).isEqualTo(value);
    assertThat(bytes.hasRemaining()).isFalse();
  }

  @Test
  void endsWhereNoNumberCanGoOn() {
    assertThatThrownBy(() -> Varint.read(() -> (byte) -1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a number of more than 64 bits");
  }

  private static byte[] written(long value) throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(10);
    Varint.write(value, out);
    return out.getCopyOfBuffer();
  }
}

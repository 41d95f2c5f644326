package io.simmim.trainer.export;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.schemas.safetensors.SafetensorsFile;
import io.simmim.trainer.model.parameter.TensorSpec;
import io.simmim.trainer.state.StateReader;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsWriterTest {
  /** More than one piece. */
  private static final long LARGE = 300_000;

  /** A state whose element i of tensor t has the value 1000000 t + i. */
  private static final StateReader STATE =
      new StateReader() {
        @Override
        public List<TensorSpec> tensors() {
          return List.of(
              new TensorSpec("optimizer/step", List.of()),
              new TensorSpec("param/encoder.a", List.of(3L, LARGE / 3)),
              new TensorSpec("param/decoder.0.bias", List.of(5L)),
              new TensorSpec("exp_avg/encoder.a", List.of(3L, LARGE / 3)));
        }

        @Override
        public void read(int tensor, long byteOffset, ByteBuffer into) {
          into.order(ByteOrder.LITTLE_ENDIAN);
          for (long i = byteOffset / 4; into.hasRemaining(); i++) {
            into.putFloat(1_000_000f * tensor + i);
          }
        }
      };

  @Test
  void writesParametersUnderTheirOfficialNames(@TempDir Path directory) throws Exception {
    Path path = directory.resolve("model.safetensors");
    try (OutputStream target = Files.newOutputStream(path)) {
      SafetensorsWriter.writeParameters(STATE, Map.of("format", "pt"), target);
    }

    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      assertThat(file.metadata()).containsExactly(Map.entry("format", "pt"));
      assertThat(file.tensors().keySet()).containsExactly("encoder.a", "decoder.0.bias");
      assertThat(file.tensor("encoder.a").shape()).containsExactly(3L, LARGE / 3);
      assertThat(file.readFloats("decoder.0.bias"))
          .containsExactly(2_000_000f, 2_000_001f, 2_000_002f, 2_000_003f, 2_000_004f);
      float[] values = file.readFloats("encoder.a");
      assertThat(values[299_999]).isEqualTo(1_299_999f);
      assertThat(values[262_144]).isEqualTo(1_262_144f);
    }
    ByteBuffer length = ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(length.getLong() % 8).isZero();
  }
}

package io.simmim.schemas.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.schemas.evaluation.ModelCopy.Stage;
import java.io.IOException;
import java.util.HexFormat;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Test;

class ModelCopySerializerTest {
  private static final String STORED = "01" + "000000000000001e" + "00000002" + "01" + "00";

  @Test
  void keepsItsFormat() throws IOException {
    assertStored(new ModelCopy(30, 2, true, false, Stage.DUE), STORED + "00");
    assertStored(new ModelCopy(30, 2, true, false, Stage.WRITTEN), STORED + "01");
    assertStored(new ModelCopy(30, 2, true, false, Stage.FAILED), STORED + "02");
  }

  @Test
  void refusesWhatIsNoStage() {
    assertThatThrownBy(() -> read(STORED + "03"))
        .isInstanceOf(IOException.class)
        .hasMessage("copy of a model is damaged: a stage must be from 0 to 2: 3");
  }

  private static void assertStored(ModelCopy copy, String stored) throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(64);
    ModelCopySerializer.INSTANCE.serialize(copy, out);
    assertThat(HexFormat.of().formatHex(out.getCopyOfBuffer())).isEqualTo(stored);
    assertThat(read(stored)).isEqualTo(copy);
  }

  private static ModelCopy read(String stored) throws IOException {
    return ModelCopySerializer.INSTANCE.deserialize(
        new DataInputDeserializer(HexFormat.of().parseHex(stored)));
  }
}

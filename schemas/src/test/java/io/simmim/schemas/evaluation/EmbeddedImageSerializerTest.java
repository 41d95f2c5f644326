package io.simmim.schemas.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Test;

class EmbeddedImageSerializerTest {
  @Test
  void readsWhatItWrites() throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(64);
    EmbeddedImageSerializer.INSTANCE.serialize(
        new EmbeddedImage("s3://b/a.tar", "1.png", "cat", 1, new float[] {1, -2.5f}), out);

    EmbeddedImage read =
        EmbeddedImageSerializer.INSTANCE.deserialize(
            new DataInputDeserializer(out.getCopyOfBuffer()));

    assertThat(read.uri()).isEqualTo("s3://b/a.tar");
    assertThat(read.member()).isEqualTo("1.png");
    assertThat(read.label()).isEqualTo("cat");
    assertThat(read.side()).isEqualTo(1);
    assertThat(read.features()).containsExactly(1, -2.5f);
  }
}

package io.simmim.schemas.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsFileTest {
  @TempDir Path directory;

  @Test
  void readsTensorsWholeAndInPieces() throws IOException {
    byte[] data =
        ByteBuffer.allocate(10)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putFloat(1.5f)
            .putFloat(-2f)
            .put((byte) 7)
            .put((byte) 8)
            .array();
    Path path =
        write(
            """
            {"__metadata__":{"format":"pt"},
             "b":{"dtype":"U8","shape":[2],"data_offsets":[8,10]},
             "a":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}}\
            """,
            data);

    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      assertThat(file.metadata()).containsEntry("format", "pt");
      assertThat(file.tensors().keySet()).containsExactly("b", "a");
      assertThat(file.tensor("a"))
          .isEqualTo(new TensorEntry("a", Dtype.F32, List.of(1L, 2L), 0, 8));
      assertThat(file.readFloats("a")).containsExactly(1.5f, -2f);
      ByteBuffer piece = ByteBuffer.allocate(1);
      file.read(file.tensor("b"), 1, piece);
      assertThat(piece.get(0)).isEqualTo((byte) 8);
      assertThatThrownBy(() -> file.tensor("c"))
          .isInstanceOf(IOException.class)
          .hasMessage(path + " has no tensor c");
      assertThatThrownBy(() -> file.readFloats("b"))
          .hasMessage(path + ": tensor b must be of type F32: U8");
      assertThatThrownBy(() -> file.read(file.tensor("b"), 2, ByteBuffer.allocate(1)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("tensor b has 2 bytes; cannot read 1 from byte 2");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}} | tensor a of type F32 and shape [2] must have 8 bytes: 4
          {"a":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}} | tensor a must begin at byte 0, where the previous one ends: 2
          {"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}} | the tensors take 2 bytes, but 4 follow the header
          {"a":{"dtype":"U8","shape":[99],"data_offsets":[0,99]}} | the tensors take 99 bytes, but 4 follow the header
          {"a":{"dtype":"Q7","shape":[4],"data_offsets":[0,4]}} | tensor a: unknown dtype "Q7"
          {"a":{"dtype":"U8","shape":[-4],"data_offsets":[0,4]}} | tensor a: at most 64 numbers, none negative
          {"a":{"dtype":"U8","shape":[9223372036854775807,9],"data_offsets":[0,4]}} | tensor a is too large: [9223372036854775807, 9]
          {"a":{"dtype":"U8","shape":[4]}} | tensor a must have dtype, shape and two data_offsets
          {"a":4} | the header has VALUE_NUMBER_INT at byte 5 where START_OBJECT must be
          """)
  void refusesDamagedHeaders(String header, String reason) throws IOException {
    Path path = write(header, new byte[4]);

    assertThatThrownBy(() -> SafetensorsFile.open(path))
        .isInstanceOf(IOException.class)
        .hasMessage("not a readable safetensors file: " + path + ": " + reason);
  }

  @Test
  void opensFilesWithTypesWhoseValuesAreNotRead() throws IOException {
    String header =
        """
        {"a":{"dtype":"C64","shape":[1],"data_offsets":[0,8]},
        "b":{"dtype":"F8_E8M0","shape":[2],"data_offsets":[8,10]}}""";
    try (SafetensorsFile file = SafetensorsFile.open(write(header, new byte[10]))) {
      assertThat(file.tensors().values())
          .extracting(TensorEntry::dtype)
          .containsExactly(Dtype.C64, Dtype.F8_E8M0)
          .noneMatch(FloatValues::reads);
    }
  }

  @ValueSource(longs = {Long.MAX_VALUE, -1})
  @ParameterizedTest
  void refusesHeaderLengthBeyondTheFileBeforeAllocating(long length) throws IOException {
    Path path = directory.resolve("huge");
    Files.write(
        path, ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putLong(length).array());

    assertThatThrownBy(() -> SafetensorsFile.open(path))
        .isInstanceOf(IOException.class)
        .hasMessageEndingWith(
            "the header must have 2 to 8 bytes: " + Long.toUnsignedString(length));
  }

  private Path write(String header, byte[] data) throws IOException {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(json.length).array());
    bytes.write(json);
    bytes.write(data);
    return Files.write(directory.resolve("test.safetensors"), bytes.toByteArray());
  }
}

package io.simmim.trainer.parity;

import io.simmim.schemas.safetensors.SafetensorsFile;
import io.simmim.schemas.safetensors.TensorEntry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/** A copy of a recording in which one tensor is multiplied by a number. */
final class ChangedRecording {
  private ChangedRecording() {}

  static void write(Path recordings, String name, String tensor, double factor, Path directory)
      throws IOException {
    Files.copy(recordings.resolve(name + ".json"), directory.resolve(name + ".json"));
    Path source = recordings.resolve(name + ".safetensors");
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(source)).order(ByteOrder.LITTLE_ENDIAN);
    try (SafetensorsFile file = SafetensorsFile.open(source)) {
      TensorEntry entry = file.tensor(tensor);
      int start = Math.toIntExact(Long.BYTES + bytes.getLong(0) + entry.offset());
      for (int at = start; at < start + entry.byteCount(); at += Float.BYTES) {
        bytes.putFloat(at, (float) (bytes.getFloat(at) * factor));
      }
    }
    Files.write(directory.resolve(name + ".safetensors"), bytes.array());
  }
}

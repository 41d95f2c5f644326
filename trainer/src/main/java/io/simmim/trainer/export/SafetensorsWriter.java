package io.simmim.trainer.export;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simmim.schemas.safetensors.Dtype;
import io.simmim.trainer.model.parameter.TensorSpec;
import io.simmim.trainer.state.StateReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Writes parameters in the safetensors format (header length, JSON header, values) as a stream of
 * small pieces.
 */
public final class SafetensorsWriter {
  private static final String PARAMETER_PREFIX = "param/";
  private static final int PIECE_BYTES = 1 << 20;
  private static final int ALIGNMENT = 8;

  private SafetensorsWriter() {}

  /**
   * Writes the parameters of a snapshot under their official names; moments and gradients are left
   * out.
   *
   * @param metadata free text entries of the header
   * @param target not closed
   */
  public static void writeParameters(
      StateReader source, Map<String, String> metadata, OutputStream target) throws IOException {
    writeParameters(source, List.of(), metadata, target);
  }

  /**
   * The same with more tensors behind them.
   *
   * @param more of any types
   */
  public static void writeParameters(
      StateReader source, List<HeldTensor> more, Map<String, String> metadata, OutputStream target)
      throws IOException {
    List<TensorSpec> tensors = source.tensors();
    int[] parameters =
        IntStream.range(0, tensors.size())
            .filter(i -> tensors.get(i).name().startsWith(PARAMETER_PREFIX))
            .toArray();
    List<HeldTensor.Entry> entries = new ArrayList<>();
    for (int parameter : parameters) {
      TensorSpec spec = tensors.get(parameter);
      entries.add(new HeldTensor.Entry(nameOf(spec), Dtype.F32, spec.shape()));
    }
    more.forEach(tensor -> entries.add(tensor.entry()));
    byte[] header = header(entries, metadata);
    ByteBuffer piece = ByteBuffer.allocate(PIECE_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    piece.putLong(header.length);
    target.write(piece.array(), 0, piece.position());
    target.write(header);
    for (int tensor : parameters) {
      long bytes = tensors.get(tensor).bytes();
      for (long offset = 0; offset < bytes; offset += PIECE_BYTES) {
        piece.clear().limit((int) Math.min(PIECE_BYTES, bytes - offset));
        source.read(tensor, offset, piece);
        target.write(piece.array(), 0, piece.limit());
      }
    }
    for (HeldTensor tensor : more) {
      target.write(tensor.values());
    }
  }

  private static String nameOf(TensorSpec parameter) {
    return parameter.name().substring(PARAMETER_PREFIX.length());
  }

  /**
   * Writes tensors of any types that are in memory.
   *
   * @param metadata free text entries of the header
   * @param target not closed
   */
  public static void write(
      List<HeldTensor> tensors, Map<String, String> metadata, OutputStream target)
      throws IOException {
    byte[] header = header(tensors.stream().map(HeldTensor::entry).toList(), metadata);
    ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    target.write(length.putLong(header.length).array());
    target.write(header);
    for (HeldTensor tensor : tensors) {
      target.write(tensor.values());
    }
  }

  private static byte[] header(List<HeldTensor.Entry> entries, Map<String, String> metadata)
      throws IOException {
    ObjectMapper json = new ObjectMapper();
    ObjectNode root = json.createObjectNode();
    ObjectNode text = root.putObject("__metadata__");
    new TreeMap<>(metadata).forEach(text::put);
    long offset = 0;
    for (HeldTensor.Entry spec : entries) {
      ObjectNode entry = root.putObject(spec.name());
      entry.put("dtype", spec.dtype().name());
      spec.shape().forEach(entry.putArray("shape")::add);
      entry.putArray("data_offsets").add(offset).add(offset + spec.bytes());
      offset += spec.bytes();
    }
    StringBuilder header = new StringBuilder(json.writeValueAsString(root));
    while (header.toString().getBytes(StandardCharsets.UTF_8).length % ALIGNMENT != 0) {
      header.append(' '); // the format allows trailing spaces, so that values start aligned
    }
    return header.toString().getBytes(StandardCharsets.UTF_8);
  }
}

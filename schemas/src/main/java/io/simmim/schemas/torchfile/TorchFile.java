package io.simmim.schemas.torchfile;

import io.simmim.schemas.safetensors.FloatValues;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A file of {@code torch.save} opened for reading: the archive that PyTorch writes since 1.6, or
 * the sequence of pickles before it. Nothing in the file is executed; what is not a tensor or a
 * plain container is refused by name. Sizes are checked against the file before anything is
 * allocated, and values are read on demand.
 *
 * <p>Not thread-safe. A damaged file is an {@link IOException} that names it.
 *
 * <p>Source: {@code torch/serialization.py}.
 */
public final class TorchFile implements AutoCloseable {
  /** Bytes that an archive begins with. */
  private static final int ZIP = 0x04034b50;

  /** First byte of a pickle; the second one is its protocol, and then comes a magic number. */
  private static final int PICKLE = 0x80;

  private static final int LONG_NUMBER = 0x8a;
  private static final int FRAME = 0x95;

  /** Fourth byte of the length of the longest header, in 16 MiB. */
  private static final int LARGEST_HEADER = 5;

  private static final int PIECE_VALUES = 1 << 16;
  private static final int BLOCK_BYTES = 1 << 12;
  private static final int MOST_WRAPPERS = 4;

  /** Keys under which training scripts keep the weights in what they save. */
  private static final List<String> WRAPPERS =
      List.of("model", "state_dict", "module", "model_state_dict", "net");

  private final Path path;
  private final FileChannel channel;
  private final Map<String, Long> storageStarts;
  private final Map<String, TorchTensor> tensors;
  private final ByteBuffer block =
      ByteBuffer.allocate(BLOCK_BYTES).order(ByteOrder.LITTLE_ENDIAN).limit(0);
  private long blockStart = -1;

  private TorchFile(Path path, FileChannel channel) throws IOException {
    this.path = path;
    this.channel = channel;
    Globals globals = new Globals(channel.size());
    boolean zip = channel.size() >= Integer.BYTES && firstBytes(channel) == ZIP;
    TorchContent content =
        zip ? new ArchiveContent(channel, globals) : new PickledContent(channel, globals);
    tensors = Collections.unmodifiableMap(weights(content.root()));
    storageStarts = content.storageStarts();
  }

  /**
   * Opens a file.
   *
   * @throws IOException with one line if it is none, or holds what is refused
   */
  public static TorchFile open(Path path) throws IOException {
    FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
    try {
      return new TorchFile(path, channel);
    } catch (IOException e) {
      channel.close();
      throw new IOException("not a readable PyTorch file: " + path + ": " + e.getMessage(), e);
    }
  }

  /** Whether a file may be one, by its first bytes. */
  public static boolean isOne(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      if (channel.size() < Integer.BYTES) {
        return false;
      }
      ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES);
      channel.read(bytes, 0);
      int third = Byte.toUnsignedInt(bytes.get(2));
      boolean pickle =
          Byte.toUnsignedInt(bytes.get(0)) == PICKLE && (third == LONG_NUMBER || third == FRAME);
      // As the length of a safetensors header, the four bytes are beyond the longest one.
      return firstBytes(channel) == ZIP || (pickle && bytes.get(3) > LARGEST_HEADER);
    }
  }

  private static int firstBytes(FileChannel channel) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    channel.read(bytes, 0);
    return bytes.getInt(0);
  }

  /** The tensors of a dictionary of weights, which may lie in dictionaries of a training script. */
  private static Map<String, TorchTensor> weights(Object root) throws IOException {
    Map<String, TorchTensor> tensors =
        weights(root, MOST_WRAPPERS, Collections.newSetFromMap(new IdentityHashMap<>()));
    if (tensors.isEmpty()) {
      throw new IOException(
          "it has no dictionary of tensors (looked for at its top and under %s)"
              .formatted(String.join(", ", WRAPPERS)));
    }
    return tensors;
  }

  /**
   * Those under the key of a training script go before those beside it: scripts keep an accuracy as
   * a tensor, while weights are one dictionary without others in it. Of several keys that with the
   * most tensors is taken, or the first.
   *
   * @param levels dictionaries within each other that are looked at
   * @param seen those that were looked at, since one may hold itself
   */
  private static Map<String, TorchTensor> weights(Object at, int levels, Set<Object> seen) {
    if (!(at instanceof Map<?, ?> map) || levels == 0 || !seen.add(map)) {
      return Map.of();
    }
    Map<String, TorchTensor> most = Map.of();
    for (String wrapper : WRAPPERS) {
      Map<String, TorchTensor> within = weights(map.get(wrapper), levels - 1, seen);
      most = within.size() > most.size() ? within : most;
    }
    if (!most.isEmpty()) {
      return most;
    }
    Map<String, TorchTensor> tensors = new LinkedHashMap<>();
    map.forEach(
        (key, value) -> {
          if (value instanceof TorchTensor tensor) {
            tensors.put((String) key, tensor);
          }
        });
    return tensors;
  }

  /** The tensors by name, in the order of the file; values that are no tensors are left out. */
  public Map<String, TorchTensor> tensors() {
    return tensors;
  }

  /**
   * Reads values of a tensor as fp32.
   *
   * @param start first value, counted in row-major order
   * @param into filled from its position to its limit
   * @throws IllegalArgumentException if the tensor has fewer values
   */
  public void read(TorchTensor tensor, long start, FloatBuffer into) throws IOException {
    if (start < 0 || start > tensor.elements() - into.remaining()) {
      throw new IllegalArgumentException(
          "the tensor has %d values; cannot read %d from value %d"
              .formatted(tensor.elements(), into.remaining(), start));
    }
    long storage = storageStarts.get(tensor.storage());
    if (tensor.isContiguous()) {
      readRun(tensor, storage, tensor.offset() + start, into);
    } else {
      readScattered(tensor, storage, start, into);
    }
  }

  private void readRun(TorchTensor tensor, long storage, long place, FloatBuffer into)
      throws IOException {
    int size = tensor.dtype().bytes();
    ByteBuffer piece =
        ByteBuffer.allocate(Math.min(PIECE_VALUES, into.remaining()) * size)
            .order(ByteOrder.LITTLE_ENDIAN);
    int end = into.limit();
    long at = storage + place * size;
    while (into.position() < end) {
      int values = Math.min(PIECE_VALUES, end - into.position());
      piece.clear().limit(values * size);
      at += readFully(at, piece);
      into.limit(into.position() + values);
      FloatValues.convert(tensor.dtype(), piece.flip(), into);
      into.limit(end);
    }
  }

  /** Value by value, a block of the file at a time. */
  private void readScattered(TorchTensor tensor, long storage, long start, FloatBuffer into)
      throws IOException {
    int size = tensor.dtype().bytes();
    int end = into.limit();
    for (long index = start; into.position() < end; index++) {
      // Storages begin anywhere, so blocks count from there: none ends within a value.
      long byteInStorage = tensor.place(index) * size;
      long from = storage + byteInStorage / BLOCK_BYTES * BLOCK_BYTES;
      if (from != blockStart) {
        blockStart = -1;
        block.clear().limit((int) Math.min(BLOCK_BYTES, channel.size() - from));
        readFully(from, block);
        blockStart = from;
      }
      block.clear().position((int) (byteInStorage % BLOCK_BYTES));
      into.limit(into.position() + 1);
      FloatValues.convert(tensor.dtype(), block, into);
      into.limit(end);
    }
  }

  private int readFully(long position, ByteBuffer into) throws IOException {
    int bytes = into.remaining();
    long at = position;
    while (into.hasRemaining()) {
      int count = channel.read(into, at);
      if (count < 0) {
        throw new EOFException(path + " ends at byte " + at);
      }
      at += count;
    }
    return bytes;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}

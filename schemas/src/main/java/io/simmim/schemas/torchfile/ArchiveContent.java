package io.simmim.schemas.torchfile;

import io.simmim.schemas.torchfile.Stored.Storage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The archive of PyTorch since 1.6: {@code NAME/data.pkl}, and a {@code NAME/data/KEY} each. */
final class ArchiveContent implements TorchContent {
  private static final String PICKLE = "/data.pkl";
  private static final String BYTE_ORDER = "byteorder";
  private static final String LITTLE = "little";

  private final Object root;
  private final Map<String, Long> starts = new HashMap<>();

  ArchiveContent(FileChannel channel, Globals globals) throws IOException {
    Map<String, ZipDirectory.Entry> entries = ZipDirectory.read(channel);
    List<ZipDirectory.Entry> pickles =
        entries.values().stream().filter(entry -> entry.name().endsWith(PICKLE)).toList();
    if (pickles.size() != 1) {
      throw new IOException("its archive must have one data.pkl: " + pickles.size());
    }
    ZipDirectory.Entry pickle = pickles.get(0);
    if (pickle.length() > LONGEST_PICKLE) {
      throw new IOException(
          "its pickle must have up to %d bytes: %d".formatted(LONGEST_PICKLE, pickle.length()));
    }
    String folder = pickle.name().substring(0, pickle.name().length() - PICKLE.length() + 1);
    requireLittleEndian(channel, entries.get(folder + BYTE_ORDER));
    root = Pickle.read(new PickleInput(channel, pickle.start(), pickle.end()), globals);
    for (Storage storage : globals.storages().values()) {
      starts.put(storage.key(), start(storage, entries.get(folder + "data/" + storage.key())));
    }
  }

  private static void requireLittleEndian(FileChannel channel, ZipDirectory.Entry entry)
      throws IOException {
    if (entry == null) {
      return; // older versions know no other
    }
    ByteBuffer text = ByteBuffer.allocate((int) Math.min(LITTLE.length() + 1L, entry.length()));
    channel.read(text, entry.start());
    String order = new String(text.array(), StandardCharsets.US_ASCII);
    if (!order.equals(LITTLE)) {
      throw new IOException("its values must be little-endian");
    }
  }

  private static long start(Storage storage, ZipDirectory.Entry entry) throws IOException {
    if (entry == null) {
      throw new IOException("its archive lacks storage " + Globals.shown(storage.key()));
    }
    long bytes = storage.elements() * storage.dtype().bytes();
    if (bytes != entry.length()) {
      throw new IOException(
          "storage %s of %d values of type %s must have %d bytes: %d"
              .formatted(
                  Globals.shown(storage.key()),
                  storage.elements(),
                  storage.dtype(),
                  bytes,
                  entry.length()));
    }
    return entry.start();
  }

  @Override
  public Object root() {
    return root;
  }

  @Override
  public Map<String, Long> storageStarts() {
    return starts;
  }
}

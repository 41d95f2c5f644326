package io.simmim.schemas.torchfile;

import io.simmim.schemas.torchfile.Stored.Storage;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The form of PyTorch before 1.6: pickles of a magic number, a version, the machine, the object and
 * the keys of its storages, then each storage with the number of its values before it.
 */
final class PickledContent implements TorchContent {
  /** 0x1950a86a20f9469cfc6c, which does not fit 64 bits. */
  private static final String MAGIC = "119547037146038801333356";

  private static final long VERSION = 1001;

  private final Object root;
  private final Map<String, Long> starts = new HashMap<>();

  PickledContent(FileChannel channel, Globals globals) throws IOException {
    PickleInput in = new PickleInput(channel, 0, Math.min(channel.size(), LONGEST_PICKLE));
    if (!MAGIC.equals(Pickle.read(in, globals))) {
      throw new IOException("it does not begin as torch.save begins a file");
    }
    Object version = Pickle.read(in, globals);
    if (!version.equals(VERSION)) {
      throw new IOException("its version must be " + VERSION);
    }
    Object machine = Pickle.read(in, globals);
    if (!(machine instanceof Map<?, ?> map) || !Boolean.TRUE.equals(map.get("little_endian"))) {
      throw new IOException("its values must be little-endian");
    }
    root = Pickle.read(in, globals);
    if (!(Pickle.read(in, globals) instanceof List<?> keys)) {
      throw new IOException("it has no list of its storages");
    }
    findStorages(channel, in.position(), keys, globals.storages());
  }

  private void findStorages(
      FileChannel channel, long first, List<?> keys, Map<String, Storage> storages)
      throws IOException {
    Set<String> missing = new HashSet<>(storages.keySet());
    long at = first;
    for (Object key : keys) {
      // Not every object may be looked up: a list that holds itself has no hash.
      Storage storage = key instanceof String text ? storages.get(text) : null;
      if (storage == null || !missing.remove(storage.key())) {
        throw new IOException("its list of storages has one that no tensor has, or one twice");
      }
      if (at > channel.size() - Long.BYTES) {
        throw new IOException("it ends before storage " + Globals.shown(storage.key()));
      }
      long elements = new PickleInput(channel, at, at + Long.BYTES).longInteger();
      long bytes = storage.elements() * storage.dtype().bytes();
      at += Long.BYTES;
      if (elements != storage.elements() || bytes > channel.size() - at) {
        throw new IOException(
            "storage %s must have %d values: %d claimed, %d bytes left"
                .formatted(
                    Globals.shown(storage.key()),
                    storage.elements(),
                    elements,
                    channel.size() - at));
      }
      starts.put(storage.key(), at);
      at += bytes;
    }
    if (!missing.isEmpty()) {
      throw new IOException("its list of storages lacks %d of them".formatted(missing.size()));
    }
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

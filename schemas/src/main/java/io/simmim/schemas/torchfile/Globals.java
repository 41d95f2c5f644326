package io.simmim.schemas.torchfile;

import io.simmim.schemas.safetensors.Dtype;
import io.simmim.schemas.text.PrintableText;
import io.simmim.schemas.torchfile.Stored.Global;
import io.simmim.schemas.torchfile.Stored.Opaque;
import io.simmim.schemas.torchfile.Stored.Storage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongUnaryOperator;

/**
 * The classes and functions that a pickle of tensors may name, and what stands for their results.
 * The list holds what {@code torch.save} needs for tensors, and what the official checkpoints of
 * SimMIM (yacs) and MAE (argparse, numpy) keep beside them. Everything else is refused by name.
 */
final class Globals {
  private static final int MOST_DIMENSIONS = 64;
  private static final int LONGEST_NAME = 200;
  private static final String REBUILD = "torch._utils._rebuild_tensor";
  private static final String REBUILD_2 = "torch._utils._rebuild_tensor_v2";
  private static final String PARAMETER = "torch._utils._rebuild_parameter";
  private static final String STORAGE = "storage";

  private static final Map<String, Dtype> STORAGES =
      Map.of(
          "torch.FloatStorage", Dtype.F32,
          "torch.HalfStorage", Dtype.F16,
          "torch.BFloat16Storage", Dtype.BF16,
          "torch.DoubleStorage", Dtype.F64,
          "torch.LongStorage", Dtype.I64,
          "torch.IntStorage", Dtype.I32,
          "torch.ShortStorage", Dtype.I16,
          "torch.CharStorage", Dtype.I8,
          "torch.ByteStorage", Dtype.U8,
          "torch.BoolStorage", Dtype.BOOL);

  /** What has items. */
  private static final Set<String> DICTIONARIES =
      Set.of(
          "collections.OrderedDict",
          "collections.defaultdict",
          "collections.Counter",
          "yacs.config.CfgNode");

  /** What may be there and is not looked at. */
  private static final Set<String> OPAQUE =
      Set.of(
          "argparse.Namespace",
          "torch.Size",
          "torch.device",
          "_codecs.encode",
          "numpy.dtype",
          "numpy.core.multiarray.scalar",
          "numpy._core.multiarray.scalar",
          "__builtin__.dict",
          "__builtin__.list",
          "__builtin__.set",
          "builtins.dict",
          "builtins.list",
          "builtins.set");

  private final Map<String, Storage> storages = new HashMap<>();
  private final LongUnaryOperator limit;
  private long copied;

  /**
   * @param bytes that all storages may have together
   */
  Globals(long bytes) {
    this.limit = size -> bytes / size;
  }

  /** Storages that tensors were made of, by their keys. */
  Map<String, Storage> storages() {
    return storages;
  }

  Global find(String module, String name) throws IOException {
    String full = module + "." + name;
    if (STORAGES.containsKey(full)
        || DICTIONARIES.contains(full)
        || OPAQUE.contains(full)
        || Set.of(REBUILD, REBUILD_2, PARAMETER).contains(full)) {
      return new Global(full);
    }
    throw new IOException(
        "it holds more than tensors and plain containers: " + shown(full) + " is refused");
  }

  static String shown(String name) {
    return PrintableText.of(
        name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME) + "…");
  }

  Object call(Global callee, List<?> arguments) throws IOException {
    if (DICTIONARIES.contains(callee.name())) {
      return dictionary(arguments);
    }
    return switch (callee.name()) {
      case REBUILD, REBUILD_2 -> tensor(arguments);
      case PARAMETER -> {
        if (arguments.isEmpty() || !(arguments.get(0) instanceof TorchTensor tensor)) {
          throw Pickle.damaged("a parameter has no tensor");
        }
        yield tensor;
      }
      default -> new Opaque();
    };
  }

  /** Old versions of Python give the pairs, newer ones set them afterwards. */
  private Map<String, Object> dictionary(List<?> arguments) throws IOException {
    Map<String, Object> map = new LinkedHashMap<>(0);
    if (!arguments.isEmpty() && arguments.get(0) instanceof List<?> pairs) {
      requireBounded(pairs);
      for (Object pair : pairs) {
        if (pair instanceof List<?> two && two.size() == 2 && two.get(0) instanceof String key) {
          map.put(key, two.get(1));
        }
      }
    }
    return map;
  }

  /**
   * A pickle may use what it remembers as often as it has operations, so what is copied of it is
   * counted: each value of a file that nobody made up needs an operation of its own.
   */
  private void requireBounded(List<?> values) throws IOException {
    copied += values.size();
    if (copied > Pickle.MOST_OPERATIONS) {
      throw new IOException(
          "its pickle uses what it remembers too often: more than %d values of it"
              .formatted(Pickle.MOST_OPERATIONS));
    }
  }

  /** The storage that a persistent id stands for: kind, class, key, device, number of values. */
  Storage storage(Object id) throws IOException {
    if (!(id instanceof List<?> parts)
        || parts.size() < 5
        || !parts.get(0).equals(STORAGE)
        || !(parts.get(1) instanceof Global type)
        || !STORAGES.containsKey(type.name())
        || !(parts.get(2) instanceof String key)
        || !(parts.get(4) instanceof Long elements)) {
      throw Pickle.damaged("a storage is not described as one");
    }
    if (parts.size() > 5 && parts.get(5) != Pickle.NONE) {
      throw new IOException("storages that are parts of others are not read: save it again");
    }
    Storage storage = new Storage(STORAGES.get(type.name()), key, elements);
    Storage before = storages.putIfAbsent(key, storage);
    if (before != null && !before.equals(storage)) {
      throw Pickle.damaged("storage %s is described in two ways".formatted(shown(key)));
    }
    if (elements < 0 || elements > limit.applyAsLong(storage.dtype().bytes())) {
      throw new IOException(
          "storage %s claims %d values of type %s, more than the file can hold"
              .formatted(shown(key), elements, storage.dtype()));
    }
    return storage;
  }

  private TorchTensor tensor(List<?> arguments) throws IOException {
    if (arguments.size() < 4
        || !(arguments.get(0) instanceof Storage storage)
        || !(arguments.get(1) instanceof Long offset)) {
      throw Pickle.damaged("a tensor has no storage");
    }
    List<Long> shape = sizes(arguments.get(2));
    List<Long> strides = sizes(arguments.get(3));
    if (shape.size() != strides.size()) {
      throw Pickle.damaged("a tensor has another number of strides than of sizes");
    }
    requireWithin(storage, offset, shape, strides);
    return new TorchTensor(storage.dtype(), storage.key(), offset, shape, strides);
  }

  private List<Long> sizes(Object tuple) throws IOException {
    if (!(tuple instanceof List<?> items) || items.size() > MOST_DIMENSIONS) {
      throw Pickle.damaged("a tensor must have up to %d sizes".formatted(MOST_DIMENSIONS));
    }
    requireBounded(items);
    List<Long> sizes = new ArrayList<>(items.size());
    for (Object item : items) {
      if (!(item instanceof Long size) || size < 0) {
        throw Pickle.damaged("sizes and strides must be numbers of at least 0");
      }
      sizes.add(size);
    }
    return sizes;
  }

  /** Views that repeat values are not weights: reading one would take more than the file has. */
  private static void requireDistinct(
      Storage storage, long elements, List<Long> shape, List<Long> strides) throws IOException {
    if (elements > storage.elements()) {
      throw new IOException(
          "a tensor of shape %s and strides %s repeats the %d values of storage %s, which is not read: save it contiguous"
              .formatted(shape, strides, storage.elements(), shown(storage.key())));
    }
  }

  private static void requireWithin(
      Storage storage, long offset, List<Long> shape, List<Long> strides) throws IOException {
    try {
      long elements = 1;
      long last = offset;
      for (int i = 0; i < shape.size(); i++) {
        elements = Math.multiplyExact(elements, shape.get(i));
        long steps = Math.max(0, shape.get(i) - 1);
        last = Math.addExact(last, Math.multiplyExact(steps, strides.get(i)));
      }
      if (offset >= 0 && (elements == 0 || last < storage.elements())) {
        requireDistinct(storage, elements, shape, strides);
        return;
      }
    } catch (ArithmeticException e) {
      // Beyond all storages, like the others.
    }
    throw new IOException(
        "a tensor of shape %s, strides %s and offset %d is not within the %d values of storage %s"
            .formatted(shape, strides, offset, storage.elements(), shown(storage.key())));
  }
}

package io.simmim.schemas.torchfile;

import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads one pickle: numbers, text, tuples, lists, dictionaries, and what {@link Globals} makes of
 * the classes that it knows. Nothing is imported or called. Text keys of dictionaries are kept with
 * their values; other keys are not looked at.
 *
 * <p>Memory is bounded by the pickle's length and by the number of its operations, since each makes
 * at most one object, and what is copied into these is counted as well. Nothing recurses, so
 * structures may contain themselves.
 *
 * <p>Source: the opcodes in Python's {@code pickletools}, protocols 0 to 5.
 */
final class Pickle {
  static final int MOST_OPERATIONS = 2_000_000;
  private static final Object MARK = new Object();

  private final PickleInput in;
  private final Globals globals;
  private final Deque<Object> stack = new ArrayDeque<>();
  private final Map<Integer, Object> memo = new HashMap<>();

  /** Python's None, which a deque cannot hold. */
  static final Object NONE = new Object();

  private Pickle(PickleInput in, Globals globals) {
    this.in = in;
    this.globals = globals;
  }

  /**
   * Reads a pickle and leaves the input behind it.
   *
   * @return {@link #NONE}, Boolean, Long, Double, String, byte[], List (tuples too), Map with text
   *     keys, {@link Stored} or {@link TorchTensor}
   * @throws IOException with one line if it is damaged, too large, or holds something else
   */
  static Object read(PickleInput in, Globals globals) throws IOException {
    return new Pickle(in, globals).run();
  }

  private Object run() throws IOException {
    for (int i = 0; i < MOST_OPERATIONS; i++) {
      int code = in.unsignedByte();
      if (code == '.') {
        return pop();
      }
      if (!(number(code) || text(code) || container(code) || memory(code) || object(code))) {
        throw new IOException(
            "its pickle has the operation 0x%02x, which is not for tensors and plain containers"
                .formatted(code));
      }
    }
    throw new IOException("its pickle has more than %d operations".formatted(MOST_OPERATIONS));
  }

  private boolean number(int code) throws IOException {
    switch (code) {
      case 'N' -> push(NONE);
      case 0x88 -> push(true);
      case 0x89 -> push(false);
      case 'K' -> push((long) in.unsignedByte());
      case 'M' -> push((long) in.unsignedShort());
      case 'J' -> push((long) in.integer());
      case 'G' -> push(in.bigEndianDouble());
      case 0x8a -> push(integer(in.bytes(in.unsignedByte())));
      default -> {
        return false;
      }
    }
    return true;
  }

  /** What does not fit 64 bits is kept as its digits: no size and no offset is so large. */
  private static Object integer(byte[] littleEndian) {
    if (littleEndian.length == 0) {
      return 0L;
    }
    byte[] bigEndian = new byte[littleEndian.length];
    for (int i = 0; i < bigEndian.length; i++) {
      bigEndian[i] = littleEndian[bigEndian.length - 1 - i];
    }
    BigInteger value = new BigInteger(bigEndian);
    return value.bitLength() < Long.SIZE ? (Object) value.longValue() : value.toString();
  }

  private boolean text(int code) throws IOException {
    switch (code) {
      case 'X' -> push(in.text(Integer.toUnsignedLong(in.integer())));
      case 0x8c -> push(in.text(in.unsignedByte()));
      case 0x8d -> push(in.text(in.longInteger()));
      case 'T' -> push(in.text(Integer.toUnsignedLong(in.integer())));
      case 'U' -> push(in.text(in.unsignedByte()));
      case 'B' -> push(in.bytes(Integer.toUnsignedLong(in.integer())));
      case 'C' -> push(in.bytes(in.unsignedByte()));
      case 0x8e -> push(in.bytes(in.longInteger()));
      default -> {
        return false;
      }
    }
    return true;
  }

  private boolean container(int code) throws IOException {
    switch (code) {
      case '(' -> push(MARK);
      case ')' -> push(new ArrayList<>(0));
      case ']' -> push(new ArrayList<>(0));
      case '}' -> push(new LinkedHashMap<>(0));
      case 't' -> push(toMark());
      case 'l' -> push(toMark());
      case 'd' -> {
        List<Object> items = toMark();
        Map<String, Object> map = new LinkedHashMap<>();
        put(items, map);
        push(map);
      }
      case 0x85 -> push(top(1));
      case 0x86 -> push(top(2));
      case 0x87 -> push(top(3));
      case 'a' -> append(top(1));
      case 'e' -> append(toMark());
      case 's' -> set(top(2));
      case 'u' -> set(toMark());
      default -> {
        return false;
      }
    }
    return true;
  }

  private boolean memory(int code) throws IOException {
    switch (code) {
      case 0x80 -> {
        int protocol = in.unsignedByte();
        if (protocol > 5) {
          throw new IOException("its pickle must have a protocol up to 5: " + protocol);
        }
      }
      case 0x95 -> in.longInteger(); // the length of a frame, which says nothing new
      case 'q' -> memo.put(in.unsignedByte(), peek());
      case 'r' -> memo.put(in.integer(), peek());
      case 0x94 -> memo.put(memo.size(), peek());
      case 'h' -> push(remembered(in.unsignedByte()));
      case 'j' -> push(remembered(in.integer()));
      default -> {
        return false;
      }
    }
    return true;
  }

  private Object remembered(int place) throws IOException {
    Object value = memo.get(place);
    if (value == null) {
      throw damaged("it asks for what was not remembered");
    }
    return value;
  }

  private boolean object(int code) throws IOException {
    switch (code) {
      case 'c' -> {
        String module = in.line();
        push(globals.find(module, in.line()));
      }
      case 0x93 -> {
        List<Object> names = top(2);
        if (!(names.get(0) instanceof String module) || !(names.get(1) instanceof String name)) {
          throw damaged("a class has no name");
        }
        push(globals.find(module, name));
      }
      case 'R', 0x81 -> {
        List<Object> call = top(2);
        if (!(call.get(0) instanceof Stored.Global callee)
            || !(call.get(1) instanceof List<?> arguments)) {
          throw damaged("it calls what is no class");
        }
        push(globals.call(callee, arguments));
      }
      case 'Q' -> push(globals.storage(pop()));
      case 'b' -> top(1); // attributes of an object: those of containers are not looked at
      default -> {
        return false;
      }
    }
    return true;
  }

  private void push(Object value) {
    stack.push(value);
  }

  private Object pop() throws IOException {
    Object value = stack.poll();
    if (value == null || value == MARK) {
      throw damaged("a value is missing");
    }
    return value;
  }

  private Object peek() throws IOException {
    Object value = stack.peek();
    if (value == null || value == MARK) {
      throw damaged("a value is missing");
    }
    return value;
  }

  /** The values that were pushed last, in the order of pushing. */
  private List<Object> top(int count) throws IOException {
    Object[] values = new Object[count];
    for (int i = count - 1; i >= 0; i--) {
      values[i] = pop();
    }
    return new ArrayList<>(List.of(values));
  }

  private List<Object> toMark() throws IOException {
    ArrayDeque<Object> values = new ArrayDeque<>();
    Object value = stack.poll();
    while (value != MARK) {
      if (value == null) {
        throw damaged("a mark is missing");
      }
      values.push(value);
      value = stack.poll();
    }
    return new ArrayList<>(values);
  }

  @SuppressWarnings("unchecked") // lists are made here, and of objects
  private void append(List<Object> items) throws IOException {
    if (peek() instanceof List<?> list) {
      ((List<Object>) list).addAll(items);
    } else if (!(peek() instanceof Stored.Opaque)) {
      throw damaged("it appends to what is no list");
    }
  }

  @SuppressWarnings("unchecked") // maps are made here, and of text and objects
  private void set(List<Object> items) throws IOException {
    if (peek() instanceof Map<?, ?> map) {
      put(items, (Map<String, Object>) map);
    } else if (!(peek() instanceof Stored.Opaque)) {
      throw damaged("it sets items of what is no dictionary");
    }
  }

  private static void put(List<Object> items, Map<String, Object> map) throws IOException {
    if (items.size() % 2 != 0) {
      throw damaged("a key has no value");
    }
    for (int i = 0; i < items.size(); i += 2) {
      if (items.get(i) instanceof String key) {
        map.put(key, items.get(i + 1));
      }
    }
  }

  static IOException damaged(String reason) {
    return new IOException("its pickle is damaged: " + reason);
  }
}

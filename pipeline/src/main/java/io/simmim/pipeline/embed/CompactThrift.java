package io.simmim.pipeline.embed;

import io.simmim.schemas.bytes.Varint;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;

/** Writes what Parquet's headers are made of: Apache Thrift's compact protocol. */
final class CompactThrift {
  private static final int TYPE_I32 = 5;
  private static final int TYPE_I64 = 6;
  private static final int TYPE_BINARY = 8;
  private static final int TYPE_LIST = 9;
  private static final int TYPE_STRUCT = 12;
  private static final int LONGEST_SHORT_LIST = 14;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final Deque<Integer> outer = new ArrayDeque<>();
  private int last;

  private void field(int id, int type) {
    // Fields come in ascending order, never more than 15 apart.
    bytes.write((id - last) << 4 | type);
    last = id;
  }

  CompactThrift i32(int id, int value) {
    field(id, TYPE_I32);
    zigzag(value);
    return this;
  }

  CompactThrift i64(int id, long value) {
    field(id, TYPE_I64);
    zigzag(value);
    return this;
  }

  CompactThrift text(int id, String value) {
    field(id, TYPE_BINARY);
    return text(value);
  }

  /** An element of a list of texts. */
  CompactThrift text(String value) {
    byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
    Varint.write(utf8.length, bytes);
    bytes.writeBytes(utf8);
    return this;
  }

  /** An element of a list of numbers. */
  CompactThrift i32(int value) {
    zigzag(value);
    return this;
  }

  CompactThrift listOfI32(int id, int size) {
    return list(id, size, TYPE_I32);
  }

  CompactThrift listOfTexts(int id, int size) {
    return list(id, size, TYPE_BINARY);
  }

  CompactThrift listOfStructs(int id, int size) {
    return list(id, size, TYPE_STRUCT);
  }

  private CompactThrift list(int id, int size, int type) {
    field(id, TYPE_LIST);
    if (size <= LONGEST_SHORT_LIST) {
      bytes.write(size << 4 | type);
    } else {
      bytes.write(0xF0 | type);
      Varint.write(size, bytes);
    }
    return this;
  }

  /** Begins a field that is a structure. */
  CompactThrift begin(int id) {
    field(id, TYPE_STRUCT);
    return begin();
  }

  /** Begins an element of a list of structures. */
  CompactThrift begin() {
    outer.push(last);
    last = 0;
    return this;
  }

  /** Ends the structure that was begun last. */
  CompactThrift end() {
    bytes.write(0);
    last = outer.pop();
    return this;
  }

  /** All of it, as one structure. */
  byte[] whole() {
    bytes.write(0);
    return bytes.toByteArray();
  }

  private void zigzag(long value) {
    Varint.write((value << 1) ^ (value >> 63), bytes);
  }
}

package io.simmim.pipeline.embed;

import io.simmim.schemas.bytes.Varint;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * The values of one column within a row group: one page, plainly encoded. Levels are runs: of
 * optional values 1 says that there is one, of lists 0 that a row begins.
 */
final class ParquetColumn {
  private static final int PLAIN = 0;
  private static final int RLE = 3;

  private final ByteArrayOutputStream values = new ByteArrayOutputStream();
  private final Runs definitions = new Runs();
  private final Runs repetitions = new Runs();
  private int count;

  /** Runs of equal levels of one bit. */
  private static final class Runs {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private int level;
    private int length;

    void add(int next, int times) {
      if (next != level) {
        close();
        level = next;
      }
      length += times;
    }

    private void close() {
      if (length > 0) {
        Varint.write((long) length << 1, bytes);
        bytes.write(level);
      }
      length = 0;
    }

    /** With their length before them; nothing if there are none. */
    void writeTo(ByteArrayOutputStream page) {
      close();
      if (bytes.size() > 0) {
        page.writeBytes(littleEndian(bytes.size()));
        page.writeBytes(bytes.toByteArray());
      }
    }
  }

  /** A text that every row has. */
  void addText(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    values.writeBytes(littleEndian(utf8.length));
    values.writeBytes(utf8);
    count++;
  }

  /** A text that a row may lack. */
  void addOptionalText(String text) {
    if (text.isEmpty()) {
      definitions.add(0, 1);
      count++;
    } else {
      definitions.add(1, 1);
      addText(text);
    }
  }

  /** A list of at least one number. */
  void addList(float[] numbers) {
    ByteBuffer bytes =
        ByteBuffer.allocate(numbers.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(numbers);
    values.writeBytes(bytes.array());
    definitions.add(1, numbers.length);
    repetitions.add(0, 1);
    if (numbers.length > 1) {
      repetitions.add(1, numbers.length - 1);
    }
    count += numbers.length;
  }

  /** Values and absent ones. */
  int count() {
    return count;
  }

  /** Bytes of the values so far. */
  int size() {
    return values.size();
  }

  /** The page with its header. */
  byte[] page() {
    ByteArrayOutputStream page = new ByteArrayOutputStream();
    repetitions.writeTo(page);
    definitions.writeTo(page);
    page.writeBytes(values.toByteArray());
    int size = page.size();
    CompactThrift header =
        new CompactThrift().i32(1, 0).i32(2, size).i32(3, size).begin(5); // a data page
    header.i32(1, count).i32(2, PLAIN).i32(3, RLE).i32(4, RLE).end();
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    whole.writeBytes(header.whole());
    whole.writeBytes(page.toByteArray());
    return whole.toByteArray();
  }

  private static byte[] littleEndian(int value) {
    return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array();
  }
}

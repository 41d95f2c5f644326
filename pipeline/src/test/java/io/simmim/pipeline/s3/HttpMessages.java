package io.simmim.pipeline.s3;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The HTTP/1.1 messages of one connection in one direction, one after the other. Benchmarks run it
 * on the cores of what they measure, so it has its own buffer and looks at each byte of a head
 * once.
 */
final class HttpMessages {
  private static final int LONGEST_HEAD = 1 << 16;
  private static final int END_OF_HEAD = 0x0D0A0D0A;

  private final InputStream in;
  private final byte[] buffer = new byte[LONGEST_HEAD];
  private int from;
  private int to;
  private byte[] head = {};
  private String text = "";

  HttpMessages(InputStream in) {
    this.in = in;
  }

  /** Reads the next head; false at the end of the connection. */
  boolean next() throws IOException {
    int last = 0;
    for (int at = from; ; at++) {
      if (at == to) {
        at -= compact();
        if (to == LONGEST_HEAD) {
          throw new IOException("a head of more than %d bytes".formatted(LONGEST_HEAD));
        }
        int read = in.read(buffer, to, LONGEST_HEAD - to);
        if (read < 0) {
          return false;
        }
        to += read;
      }
      last = last << 8 | (buffer[at] & 0xFF);
      if (last == END_OF_HEAD) {
        head = Arrays.copyOfRange(buffer, from, at + 1);
        text = new String(head, StandardCharsets.ISO_8859_1);
        from = at + 1;
        return true;
      }
    }
  }

  /** Makes room behind what is buffered. Returns by how much it moved. */
  private int compact() {
    int moved = from;
    System.arraycopy(buffer, from, buffer, 0, to - from);
    to -= moved;
    from = 0;
    return moved;
  }

  byte[] head() {
    return head;
  }

  String startLine() {
    return text.substring(0, text.indexOf('\r'));
  }

  String method() {
    return text.substring(0, text.indexOf(' '));
  }

  int status() {
    return Integer.parseInt(text.split(" ", 3)[1]);
  }

  /** Value of a header, or an empty text. */
  String header(String name) {
    for (int end = text.indexOf("\r\n"); end + 2 < text.length(); ) {
      int start = end + 2;
      end = text.indexOf("\r\n", start);
      int colon = start + name.length();
      if (text.regionMatches(true, start, name, 0, name.length()) && text.charAt(colon) == ':') {
        return text.substring(colon + 1, end).strip();
      }
    }
    return "";
  }

  /** Head and body as bytes. */
  byte[] whole(boolean withoutBody) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(head);
    if (!withoutBody) {
      copyBody(bytes);
    }
    return bytes.toByteArray();
  }

  /** Copies the body as it is on the wire. */
  void copyBody(OutputStream out) throws IOException {
    if (header("transfer-encoding").equalsIgnoreCase("chunked")) {
      long size;
      do {
        byte[] line = line();
        out.write(line);
        size = Long.parseLong(new String(line, StandardCharsets.US_ASCII).strip(), 16);
        copy(out, size + 2); // and the end of the line
      } while (size > 0);
    } else {
      String length = header("content-length");
      copy(out, length.isEmpty() ? 0 : Long.parseLong(length));
    }
    out.flush();
  }

  private byte[] line() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    byte value;
    do {
      fill();
      value = buffer[from++];
      bytes.write(value);
    } while (value != '\n');
    return bytes.toByteArray();
  }

  private void copy(OutputStream out, long bytes) throws IOException {
    for (long left = bytes; left > 0; ) {
      fill();
      int count = (int) Math.min(to - from, left);
      out.write(buffer, from, count);
      from += count;
      left -= count;
    }
  }

  private void fill() throws IOException {
    if (from < to) {
      return;
    }
    from = 0;
    to = Math.max(0, in.read(buffer));
    if (to == 0) {
      throw new EOFException("the connection ended in a body");
    }
  }
}

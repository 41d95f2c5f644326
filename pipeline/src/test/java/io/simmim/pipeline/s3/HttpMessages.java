package io.simmim.pipeline.s3;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** The HTTP/1.1 messages of one connection in one direction, one after the other. */
final class HttpMessages {
  private static final int LONGEST_HEAD = 1 << 16;

  private final InputStream in;
  private byte[] head = {};
  private String text = "";

  HttpMessages(InputStream in) {
    this.in = in;
  }

  /** Reads the next head; false at the end of the connection. */
  boolean next() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(1024);
    int last = 0;
    for (int value = in.read(); value >= 0; value = in.read()) {
      bytes.write(value);
      last = last << 8 | value;
      if (last == 0x0D0A0D0A) {
        head = bytes.toByteArray();
        text = new String(head, StandardCharsets.ISO_8859_1);
        return true;
      }
      if (bytes.size() > LONGEST_HEAD) {
        throw new IOException("a head of more than %d bytes".formatted(LONGEST_HEAD));
      }
    }
    return false;
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
    String start = name + ":";
    return text.lines()
        .filter(line -> line.regionMatches(true, 0, start, 0, start.length()))
        .map(line -> line.substring(start.length()).strip())
        .findFirst()
        .orElse("");
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
  void copyBody(OutputStream to) throws IOException {
    if (header("transfer-encoding").equalsIgnoreCase("chunked")) {
      long size;
      do {
        byte[] line = line();
        to.write(line);
        size = Long.parseLong(new String(line, StandardCharsets.US_ASCII).strip(), 16);
        copy(to, size + 2); // and the end of the line
      } while (size > 0);
    } else {
      String length = header("content-length");
      copy(to, length.isEmpty() ? 0 : Long.parseLong(length));
    }
    to.flush();
  }

  private byte[] line() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int value;
    do {
      value = in.read();
      if (value < 0) {
        throw new EOFException("the connection ended in a chunk");
      }
      bytes.write(value);
    } while (value != '\n');
    return bytes.toByteArray();
  }

  private void copy(OutputStream to, long bytes) throws IOException {
    byte[] buffer = new byte[(int) Math.min(1 << 16, Math.max(1, bytes))];
    for (long left = bytes; left > 0; ) {
      int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
      if (read < 0) {
        throw new EOFException("%d of %d bytes are missing".formatted(left, bytes));
      }
      to.write(buffer, 0, read);
      left -= read;
    }
  }
}

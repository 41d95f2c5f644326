package io.simmim.operators.arrival.log;

import io.simmim.schemas.bytes.FrontCodedText;
import io.simmim.schemas.bytes.Varint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.flink.core.memory.DataOutputSerializer;

/**
 * Encodes the records of an {@link ArrivalLog}, as {@link RecordCursor} reads them. The buffer that
 * each method returns is the same one; the caller clears it.
 */
final class RecordEncoder {
  private final DataOutputSerializer out = new DataOutputSerializer(512);
  private final DataOutputSerializer runs = new DataOutputSerializer(64);
  private byte[] uri = new byte[0];
  private byte[] member = new byte[0];
  private byte[] origin = new byte[0];
  private long eventMillis;

  /** Goes on behind an image that is in the log. */
  void follow(ArrivedImage image) {
    uri = utf8(image.uri());
    member = utf8(image.member());
    origin = utf8(image.origin());
    eventMillis = image.eventMillis();
  }

  DataOutputSerializer header(ArrivalLogHeader header) {
    return record(
        () -> {
          out.writeByte(RecordCursor.Kind.HEADER.code());
          out.writeInt(RecordCursor.VERSION_2);
          out.writeLong(header.seed());
          out.writeDouble(header.replayShare());
          varint(header.chunkImages());
          varint(header.chunksPerStep());
        });
  }

  DataOutputSerializer roots(List<String> roots) {
    return record(
        () -> {
          out.writeByte(RecordCursor.Kind.ROOTS.code());
          varint(roots.size());
          for (String root : roots) {
            text(utf8(root));
          }
        });
  }

  /**
   * @param whole whether it shares nothing with the image before it
   */
  DataOutputSerializer image(ArrivedImage image, boolean whole) {
    if (whole) {
      uri = new byte[0];
      member = new byte[0];
      origin = new byte[0];
      eventMillis = 0;
    }
    byte[] ownUri = utf8(image.uri());
    byte[] ownMember = utf8(image.member());
    byte[] ownOrigin = utf8(image.origin());
    return record(
        () -> {
          out.writeByte(RecordCursor.Kind.IMAGE.code());
          FrontCodedText.write(uri, ownUri, out);
          varint(image.offset());
          varint(image.length());
          FrontCodedText.write(member, ownMember, out);
          text(utf8(image.problem()));
          text(utf8(image.version()));
          FrontCodedText.write(origin, ownOrigin, out);
          long change = image.eventMillis() - eventMillis;
          varint((change << 1) ^ (change >> 63));
          uri = ownUri;
          member = ownMember;
          origin = ownOrigin;
          eventMillis = image.eventMillis();
        });
  }

  DataOutputSerializer chunks(int kind, long count) {
    return record(
        () -> {
          out.writeByte(RecordCursor.Kind.CHUNKS.code());
          varint(kind + 1L); // the pattern is -1
          varint(count);
        });
  }

  /**
   * @param ids of images that are gone, ascending, each once
   */
  DataOutputSerializer deleted(long[] ids) {
    return record(
        () -> {
          long next = 0;
          for (int i = 0; i < ids.length; ) {
            int end = i + 1;
            while (end < ids.length && ids[end] == ids[end - 1] + 1) {
              end++;
            }
            Varint.write(ids[i] - next, runs);
            Varint.write(end - i, runs);
            next = ids[end - 1] + 1;
            i = end;
          }
          out.writeByte(RecordCursor.Kind.DELETED.code());
          varint(runs.length());
          out.write(runs.getSharedBuffer(), 0, runs.length());
          runs.clear();
        });
  }

  private DataOutputSerializer record(Fields fields) {
    try {
      fields.write();
      return out;
    } catch (IOException e) {
      throw new UncheckedIOException("one record has more than 2 GiB", e);
    }
  }

  private interface Fields {
    void write() throws IOException;
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private void text(byte[] bytes) throws IOException {
    varint(bytes.length);
    out.write(bytes);
  }

  private void varint(long value) throws IOException {
    Varint.write(value, out);
  }
}

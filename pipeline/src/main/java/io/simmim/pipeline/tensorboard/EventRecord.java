package io.simmim.pipeline.tensorboard;

import io.simmim.schemas.histogram.HistogramBuckets;
import io.simmim.schemas.histogram.ValueHistogram;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * Records of an event file: a TFRecord each (length, its checksum, content, its checksum), of a
 * message {@code tensorflow.Event} as TensorFlow's {@code event.proto} and {@code summary.proto}
 * define it.
 */
final class EventRecord {
  /** {@code tensorflow.DataType.DT_STRING}. */
  private static final int STRING_TYPE = 7;

  /** {@code tensorflow.SessionLog.START}. */
  private static final int START = 1;

  private static final int CHECKSUM_DELTA = 0xA282EAD8;

  private EventRecord() {}

  /** The first record of a file. */
  static byte[] version(long epochMillis) {
    return record(event(epochMillis, 0).text(3, "brain.Event:2"));
  }

  /** Says that a run goes on with a step: what was told of it and of later ones is void. */
  static byte[] start(long epochMillis, long step) {
    return record(event(epochMillis, step).message(7, new ProtoMessage().integer(1, START)));
  }

  /** Some numbers of one step. */
  static byte[] scalars(long epochMillis, long step, Map<String, Double> values) {
    ProtoMessage summary = new ProtoMessage();
    values.forEach(
        (tag, value) ->
            summary.message(
                1, new ProtoMessage().text(1, tag).fixed(2, (float) value.doubleValue())));
    return record(event(epochMillis, step).message(5, summary));
  }

  /** A picture of one step. */
  static byte[] picture(long epochMillis, long step, EventPicture picture) {
    ProtoMessage image =
        new ProtoMessage()
            .integer(1, picture.height())
            .integer(2, picture.width())
            .integer(3, EventPicture.COLORS)
            .bytes(4, picture.png());
    ProtoMessage value = new ProtoMessage().text(1, picture.tag()).message(4, image);
    return record(event(epochMillis, step).message(5, new ProtoMessage().message(1, value)));
  }

  /**
   * A histogram of one step. Buckets without values that follow each other are one, so that what is
   * between two far apart takes no room.
   */
  static byte[] histogram(long epochMillis, long step, String tag, ValueHistogram histogram) {
    List<Double> limits = new ArrayList<>();
    List<Double> counts = new ArrayList<>();
    boolean wasEmpty = false;
    for (int i = -1; i < histogram.counts().length; i++) { // -1: the lower limit of the first one
      long count = i < 0 ? 0 : histogram.counts()[i];
      double limit = HistogramBuckets.limit(histogram.firstBucket() + i);
      boolean isEmpty = count == 0;
      if (isEmpty && wasEmpty) {
        limits.set(limits.size() - 1, limit);
      } else {
        limits.add(limit);
        counts.add((double) count);
      }
      wasEmpty = isEmpty;
    }
    ProtoMessage histo =
        new ProtoMessage()
            .fixed(1, histogram.least())
            .fixed(2, histogram.greatest())
            .fixed(3, (double) histogram.finite())
            .fixed(4, histogram.sum())
            .fixed(5, histogram.sumOfSquares())
            .packed(6, limits)
            .packed(7, counts);
    ProtoMessage value = new ProtoMessage().text(1, tag).message(5, histo);
    return record(event(epochMillis, step).message(5, new ProtoMessage().message(1, value)));
  }

  /**
   * A text.
   *
   * @param markdown what is shown
   */
  static byte[] text(long epochMillis, long step, String tag, String markdown) {
    ProtoMessage plugin = new ProtoMessage().text(1, "text");
    ProtoMessage shape = new ProtoMessage().message(2, new ProtoMessage().integer(1, 1));
    ProtoMessage tensor =
        new ProtoMessage().integer(1, STRING_TYPE).message(2, shape).text(8, markdown);
    ProtoMessage value =
        new ProtoMessage()
            .text(1, tag)
            .message(9, new ProtoMessage().message(1, plugin))
            .message(8, tensor);
    return record(event(epochMillis, step).message(5, new ProtoMessage().message(1, value)));
  }

  private static ProtoMessage event(long epochMillis, long step) {
    return new ProtoMessage().fixed(1, epochMillis / 1e3).integer(2, step);
  }

  private static byte[] record(ProtoMessage event) {
    byte[] content = event.toByteArray();
    ByteBuffer record =
        ByteBuffer.allocate(Long.BYTES + content.length + 2 * Integer.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN);
    record.putLong(content.length);
    record.putInt(checksum(record.array(), 0, Long.BYTES));
    record.put(content);
    record.putInt(checksum(content, 0, content.length));
    return record.array();
  }

  /** CRC-32C, masked as TFRecord wants it. */
  private static int checksum(byte[] bytes, int from, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, from, length);
    return Integer.rotateRight((int) crc.getValue(), 15) + CHECKSUM_DELTA;
  }
}

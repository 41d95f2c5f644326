package io.simmim.operators.image;

import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;

/** Flink counters that follow an {@link ImageCounts}. */
final class DecodeCounters {
  private final Counter decodedByBaseline;
  private final Counter decodedByPng;
  private final Counter decodedByCmyk;
  private final Counter decodedByOpenCv;
  private final Counter decodedByTwelveMonkeys;
  private final Counter rejected;

  DecodeCounters(MetricGroup group) {
    decodedByBaseline = group.counter("decodedByBaseline");
    decodedByPng = group.counter("decodedByPng");
    decodedByCmyk = group.counter("decodedByCmyk");
    decodedByOpenCv = group.counter("decodedByOpenCv");
    decodedByTwelveMonkeys = group.counter("decodedByTwelveMonkeys");
    rejected = group.counter("rejected");
  }

  void update(ImageCounts counts) {
    raise(decodedByBaseline, counts.decodedByBaseline());
    raise(decodedByPng, counts.decodedByPng());
    raise(decodedByCmyk, counts.decodedByCmyk());
    raise(decodedByOpenCv, counts.decodedByOpenCv());
    raise(decodedByTwelveMonkeys, counts.decodedByTwelveMonkeys());
    raise(rejected, counts.rejected());
  }

  private static void raise(Counter counter, long to) {
    counter.inc(to - counter.getCount());
  }
}

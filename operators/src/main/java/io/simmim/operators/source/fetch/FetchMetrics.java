package io.simmim.operators.source.fetch;

import java.util.concurrent.atomic.LongAdder;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;

/** What a reader's threads did since it started; counted by any thread. */
public final class FetchMetrics {
  final LongAdder objects = new LongAdder();
  final LongAdder requests = new LongAdder();
  final LongAdder bytes = new LongAdder();
  final LongAdder retries = new LongAdder();
  final LongAdder unreadable = new LongAdder();
  public final LongAdder waitNanos = new LongAdder();

  /** Shows the counts as metrics of the source operator. */
  public void register(MetricGroup group) {
    group.<Long, Gauge<Long>>gauge("fetchedObjects", objects::sum);
    group.<Long, Gauge<Long>>gauge("fetchRequests", requests::sum);
    group.<Long, Gauge<Long>>gauge("fetchedBytes", bytes::sum);
    group.<Long, Gauge<Long>>gauge("fetchRetries", retries::sum);
    group.<Long, Gauge<Long>>gauge("unreadableObjects", unreadable::sum);
    group.<Long, Gauge<Long>>gauge("fetchWaitMillis", () -> waitNanos.sum() / 1_000_000);
  }
}

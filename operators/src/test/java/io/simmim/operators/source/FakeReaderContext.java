package io.simmim.operators.source;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.groups.SourceReaderMetricGroup;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.runtime.metrics.MetricNames;
import org.apache.flink.runtime.metrics.groups.InternalSourceReaderMetricGroup;
import org.apache.flink.util.UserCodeClassLoader;

/** Records what a reader sends to its enumerator. */
public final class FakeReaderContext implements SourceReaderContext {
  public final List<SourceEvent> events = new ArrayList<>();
  private final Map<String, Gauge<?>> gauges = new HashMap<>();
  private final SourceReaderMetricGroup metrics =
      InternalSourceReaderMetricGroup.mock(
          new UnregisteredMetricsGroup() {
            @Override
            public <T, G extends Gauge<T>> G gauge(String name, G gauge) {
              gauges.put(name, gauge);
              return gauge;
            }
          });

  /** Flink's gauge of that name. */
  public long pendingRecords() {
    return (Long) gauges.get(MetricNames.PENDING_RECORDS).getValue();
  }

  @Override
  public SourceReaderMetricGroup metricGroup() {
    return metrics;
  }

  @Override
  public Configuration getConfiguration() {
    return new Configuration();
  }

  @Override
  public String getLocalHostName() {
    return "host";
  }

  @Override
  public int getIndexOfSubtask() {
    return 0;
  }

  @Override
  public void sendSplitRequest() {
    throw new UnsupportedOperationException("readers ask by event");
  }

  @Override
  public void sendSourceEventToCoordinator(SourceEvent event) {
    events.add(event);
  }

  @Override
  public UserCodeClassLoader getUserCodeClassLoader() {
    throw new UnsupportedOperationException("no user code");
  }
}

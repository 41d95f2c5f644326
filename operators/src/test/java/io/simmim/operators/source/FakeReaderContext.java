package io.simmim.operators.source;

import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.metrics.groups.SourceReaderMetricGroup;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.util.UserCodeClassLoader;

/** Records what a reader sends to its enumerator. */
final class FakeReaderContext implements SourceReaderContext {
  final List<SourceEvent> events = new ArrayList<>();
  private final SourceReaderMetricGroup metrics =
      UnregisteredMetricsGroup.createSourceReaderMetricGroup();

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

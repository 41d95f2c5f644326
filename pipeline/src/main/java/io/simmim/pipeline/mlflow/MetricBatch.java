package io.simmim.pipeline.mlflow;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/** The metrics of one call, as many as MLflow takes at once. */
final class MetricBatch {
  /** MLflow's limit. */
  static final int MOST = 1000;

  private final ArrayNode metrics = MlflowServer.JSON.createArrayNode();

  boolean isEmpty() {
    return metrics.isEmpty();
  }

  /** Whether so many more have room. */
  boolean hasRoom(int more) {
    return metrics.size() + more <= MOST;
  }

  /** Adds numbers of a step. */
  void add(long step, long epochMillis, Map<String, Double> values) {
    values.forEach(
        (key, value) ->
            metrics
                .addObject()
                .put("key", key)
                .put("value", value)
                .put("timestamp", epochMillis)
                .put("step", step));
  }

  /** The body of {@code runs/log-batch}. */
  ObjectNode of(String run) {
    ObjectNode body = MlflowServer.JSON.createObjectNode().put("run_id", run);
    body.set("metrics", metrics);
    return body;
  }
}

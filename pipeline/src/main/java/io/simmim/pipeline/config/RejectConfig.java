package io.simmim.pipeline.config;

import io.simmim.operators.kafka.KafkaTopic;
import io.simmim.schemas.UserError;

/**
 * How many unreadable images a run tolerates, failing when more than both are rejected, and who is
 * told of them.
 *
 * @param maxShare largest share of rejected images, 0 to 1
 * @param minRejected number of rejected images from which the share counts
 * @param topic URI of a Kafka topic that they go to besides, or null
 */
public record RejectConfig(double maxShare, int minRejected, String topic) {
  public RejectConfig {
    if (!(maxShare >= 0 && maxShare <= 1)) {
      throw new IllegalArgumentException("reject.max-share must be between 0 and 1: " + maxShare);
    }
    if (minRejected < 0) {
      throw new IllegalArgumentException("reject.min-rejected must be at least 0: " + minRejected);
    }
    if (topic != null) {
      try {
        KafkaTopic.parse(topic);
      } catch (UserError e) {
        throw new IllegalArgumentException("reject.topic: " + e.getMessage(), e);
      }
    }
  }
}

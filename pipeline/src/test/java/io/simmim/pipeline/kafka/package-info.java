/** A real Kafka broker for tests. */
package io.simmim.pipeline.kafka;

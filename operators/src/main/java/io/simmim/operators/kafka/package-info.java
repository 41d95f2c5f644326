/** Kafka clients: their options, topics and failures. Knows nothing of images. */
package io.simmim.operators.kafka;

/**
 * Images that keep arriving: what came and what went, as S3 notifications in a Kafka topic tell.
 */
package io.simmim.operators.arrival;

/**
 * Training of one model on one device: configuration, state, snapshots. Knows no Flink outside
 * {@code operator}.
 */
package io.simmim.trainer;

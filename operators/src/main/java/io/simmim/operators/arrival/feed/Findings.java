package io.simmim.operators.arrival.feed;

import io.simmim.operators.arrival.Arrival;
import io.simmim.operators.arrival.ArrivalBatch;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a poll has found so far. */
final class Findings {
  private final List<Arrival> arrivals = new ArrayList<>();
  private final Map<Integer, Long> offsets = new HashMap<>();
  private final Map<String, Long> skipped = new TreeMap<>();
  private String sourceId = "";

  /** Adds what a message tells. */
  void add(ArrivalBatch message) {
    arrivals.addAll(message.arrivals());
    message.skipped().forEach(this::skip);
  }

  void skip(String reason, long count) {
    skipped.merge(reason, count, Long::sum);
  }

  void move(int partition, long offset) {
    offsets.put(partition, offset);
  }

  void sourceIs(String id) {
    sourceId = id;
  }

  ArrivalBatch batch() {
    return new ArrivalBatch(arrivals, offsets, skipped, sourceId);
  }
}

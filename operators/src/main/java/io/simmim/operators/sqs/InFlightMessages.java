package io.simmim.operators.sqs;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Messages that were received and not deleted yet, each under the number of the poll that first
 * found it. Those of polls that are durable may be deleted; the others must stay hidden from
 * whoever else reads the queue. A message that comes again meanwhile is still the same, by its new
 * receipt.
 *
 * <p>Thread-safe.
 */
final class InFlightMessages {
  /**
   * What a message is deleted or hidden by.
   *
   * @param id of the message
   */
  record Receipt(String id, String receipt) {}

  private static final class Entry {
    private final long poll;
    private String receipt;
    private long hiddenNanos;

    Entry(long poll) {
      this.poll = poll;
    }
  }

  /** In the order of polls. */
  private final Map<String, Entry> entries = new LinkedHashMap<>();

  private long durable;

  synchronized int size() {
    return entries.size();
  }

  /**
   * Notes a message.
   *
   * @param poll not below that of any before
   * @param nanos when it was asked for: it is hidden from then on
   */
  synchronized void received(long poll, SqsMessage message, long nanos) {
    Entry entry = entries.computeIfAbsent(message.id(), id -> new Entry(poll));
    entry.receipt = message.receipt();
    entry.hiddenNanos = nanos;
  }

  /** Notes that polls up to this one are durable. */
  synchronized void durable(long poll) {
    durable = Math.max(durable, poll);
  }

  /** Messages that may be deleted, the oldest first. */
  synchronized List<Receipt> toDelete(int limit) {
    List<Receipt> found = new ArrayList<>();
    for (Map.Entry<String, Entry> entry : entries.entrySet()) {
      if (entry.getValue().poll > durable || found.size() >= limit) {
        break;
      }
      found.add(new Receipt(entry.getKey(), entry.getValue().receipt));
    }
    return found;
  }

  /** Messages that may not be deleted yet and were hidden at a time or before. */
  synchronized List<Receipt> hiddenUntil(long nanos) {
    List<Receipt> found = new ArrayList<>();
    entries.forEach(
        (id, entry) -> {
          if (entry.poll > durable && entry.hiddenNanos - nanos <= 0) {
            found.add(new Receipt(id, entry.receipt));
          }
        });
    return found;
  }

  /** Notes that messages are hidden anew. */
  synchronized void hidden(List<Receipt> hidden, long nanos) {
    for (Receipt receipt : hidden) {
      Entry entry = entries.get(receipt.id());
      if (entry != null && entry.receipt.equals(receipt.receipt())) {
        entry.hiddenNanos = nanos;
      }
    }
  }

  /** Notes that messages are deleted. One that came again meanwhile is not. */
  synchronized void deleted(List<Receipt> deleted) {
    for (Receipt receipt : deleted) {
      Entry entry = entries.get(receipt.id());
      if (entry != null && entry.receipt.equals(receipt.receipt())) {
        entries.remove(receipt.id());
      }
    }
  }
}

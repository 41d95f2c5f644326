package io.simmim.operators.arrival.notification;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simmim.operators.arrival.Arrival;
import io.simmim.operators.arrival.ArrivalBatch;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Reads what S3 says of created and deleted objects: event notifications of version 2, as Amazon S3
 * sends them and as MinIO and Ceph do, of which Ceph alone does not encode keys; and events of
 * Amazon EventBridge. Either may be in an envelope of Amazon SNS.
 *
 * <p>A message is data from outside: whatever is in it becomes an arrival or is counted under a
 * reason, never an exception. Its size, depth and number of records are limited before anything is
 * allocated, and a bad record does not take its neighbours with it.
 */
public final class S3Notifications {
  static final int MAX_MESSAGE_BYTES = 1 << 20;
  static final int MAX_RECORDS = 10_000;

  static final String TOO_LARGE = "message too large";
  static final String EMPTY = "empty message";
  static final String NOT_JSON = "not JSON";
  static final String BEYOND_LIMITS = "text too long or nested too deeply";
  static final String NO_NOTIFICATION = "not a notification of S3";
  static final String TOO_MANY_RECORDS = "too many records";

  static final int MAX_DEPTH = 32;
  static final int MAX_NAME = 1 << 10;
  static final int MAX_DIGITS = 100;
  private static final int MAX_TEXT = 16 << 10;

  /** Of an event of EventBridge, and of the message by which S3 tries a new destination. */
  private static final Set<String> EVENT_FIELDS =
      Set.of("version", "detail-type", "source", "time", "detail", "Event");

  private static final ObjectMapper JSON =
      new ObjectMapper(
          JsonFactory.builder()
              .streamReadConstraints(
                  StreamReadConstraints.builder()
                      .maxDocumentLength(MAX_MESSAGE_BYTES)
                      .maxNestingDepth(MAX_DEPTH)
                      .maxStringLength(MAX_TEXT)
                      .maxNameLength(MAX_NAME)
                      .maxNumberLength(MAX_DIGITS)
                      .build())
              .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
              .build());

  private final S3Keys keys;

  /**
   * @param roots the folders and files that count, on any Flink file system; only those on S3 ever
   *     match
   * @param excludedFolders folders below them that do not count, such as the output
   */
  public S3Notifications(List<String> roots, List<String> excludedFolders) {
    this.keys = new S3Keys(roots, excludedFolders);
  }

  /**
   * Reads one message.
   *
   * @param value the message; null is a message without value
   * @param origin where it is from, for {@link Arrival#origin}
   * @return what arrived and what was skipped, without offsets
   */
  public ArrivalBatch parse(byte[] value, String origin) {
    List<Arrival> arrivals = new ArrayList<>();
    Map<String, Long> skipped = new TreeMap<>();
    try {
      if (value == null || value.length == 0) {
        throw new SkippedEvent(EMPTY);
      }
      if (value.length > MAX_MESSAGE_BYTES) {
        throw new SkippedEvent(TOO_LARGE);
      }
      String handedOn = SnsEnvelope.message(value);
      try (JsonParser parser =
          handedOn == null ? JSON.createParser(value) : JSON.createParser(handedOn)) {
        parseMessage(parser, origin, arrivals, skipped);
      }
    } catch (SkippedEvent e) {
      count(e, skipped);
    } catch (StreamConstraintsException e) {
      count(new SkippedEvent(BEYOND_LIMITS), skipped);
    } catch (IOException e) { // there is no file behind it: not JSON, or no text
      count(new SkippedEvent(NOT_JSON), skipped);
    }
    return new ArrivalBatch(arrivals, Map.of(), skipped);
  }

  private void parseMessage(
      JsonParser parser, String origin, List<Arrival> arrivals, Map<String, Long> skipped)
      throws IOException, SkippedEvent {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      throw new SkippedEvent(NO_NOTIFICATION);
    }
    boolean records = false;
    ObjectNode event = JSON.createObjectNode();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      if (name.equals("Records") && value == JsonToken.START_ARRAY) {
        records = true;
        parseRecords(parser, origin, arrivals, skipped);
      } else if (EVENT_FIELDS.contains(name)) {
        event.set(name, JSON.readTree(parser));
      } else {
        parser.skipChildren();
      }
    }
    if (parser.nextToken() != null) {
      throw new SkippedEvent(NOT_JSON);
    }
    if (!records) {
      arrivals.add(single(event, origin));
    }
  }

  /** A message that is one event. */
  private Arrival single(JsonNode event, String origin) throws SkippedEvent {
    if (event.path("source").asText().equals("aws.s3")) {
      return EventBridgeEvent.arrival(event, keys, origin);
    }
    boolean isTest = event.path("Event").asText().equals("s3:TestEvent");
    throw new SkippedEvent(isTest ? S3Record.EVENT_TYPE : NO_NOTIFICATION);
  }

  private void parseRecords(
      JsonParser parser, String origin, List<Arrival> arrivals, Map<String, Long> skipped)
      throws IOException {
    for (int records = 0; parser.nextToken() != JsonToken.END_ARRAY; records++) {
      try {
        if (records >= MAX_RECORDS) {
          parser.skipChildren();
          throw new SkippedEvent(TOO_MANY_RECORDS);
        }
        arrivals.add(S3Record.arrival(JSON.readTree(parser), keys, origin));
      } catch (SkippedEvent e) {
        count(e, skipped);
      }
    }
  }

  private static void count(SkippedEvent event, Map<String, Long> skipped) {
    skipped.merge(event.reason(), 1L, Long::sum);
  }
}

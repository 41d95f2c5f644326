package io.simmim.operators.arrival.notification;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.simmim.operators.arrival.Arrival;
import io.simmim.operators.arrival.Arrival.Kind;
import io.simmim.operators.arrival.ArrivalBatch;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Reads what S3 says of created and deleted objects: event notifications of version 2, as Amazon S3
 * sends them and as MinIO and Ceph do. Ceph alone does not encode keys.
 *
 * <p>A message is data from outside: whatever is in it becomes an arrival or is counted under a
 * reason, never an exception. Its size, depth and number of records are limited before anything is
 * allocated, and a bad record does not take its neighbours with it.
 *
 * <p>Deleting one version of an object that has others is a deletion too, with that version; a
 * delete marker is one without. An older version without an id is skipped: its object stays, and
 * what took its place has been told of.
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
  static final String MALFORMED = "malformed record";
  static final String EVENT_VERSION = "event version";
  static final String EVENT_TYPE = "event type";
  static final String BAD_SIZE = "size";
  static final String NO_VERSION_ID = "older version without an id";

  private static final int MAX_DEPTH = 32;
  private static final int MAX_TEXT = 16 << 10;
  private static final int MAX_NAME = 1 << 10;
  private static final int MAX_DIGITS = 100;

  /** Above what any store takes; a larger number is a mistake or an attack. */
  private static final long MAX_SIZE = 1L << 50;

  private static final String NON_CURRENT = "ObjectLifecycle:Expiration:NonCurrent";

  private static final Set<String> CREATED =
      Set.of(
          "ObjectCreated:Put",
          "ObjectCreated:Post",
          "ObjectCreated:Copy",
          "ObjectCreated:CompleteMultipartUpload");

  private static final Set<String> DELETED =
      Set.of(
          "ObjectRemoved:Delete",
          "ObjectRemoved:DeleteMarkerCreated",
          "LifecycleExpiration:Delete",
          "LifecycleExpiration:DeleteMarkerCreated",
          "ObjectLifecycle:Expiration:Current",
          NON_CURRENT);

  /** What they tell of is no version that came, but a marker that hides all versions before it. */
  private static final Set<String> MARKERS =
      Set.of(
          "ObjectRemoved:DeleteMarkerCreated",
          "LifecycleExpiration:DeleteMarkerCreated",
          "ObjectLifecycle:Expiration:Current");

  private static final String CEPH = "ceph:s3";
  private static final String MINIO = "minio:s3";

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
   */
  public S3Notifications(List<String> roots) {
    this.keys = new S3Keys(roots);
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
      try (JsonParser parser = JSON.createParser(value)) {
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
    boolean test = false;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      if (name.equals("Records") && value == JsonToken.START_ARRAY) {
        records = true;
        parseRecords(parser, origin, arrivals, skipped);
      } else {
        test |= name.equals("Event") && "s3:TestEvent".equals(parser.getText());
        parser.skipChildren();
      }
    }
    if (parser.nextToken() != null) {
      throw new SkippedEvent(NOT_JSON);
    }
    if (!records) {
      throw new SkippedEvent(test ? EVENT_TYPE : NO_NOTIFICATION);
    }
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
        arrivals.add(arrival(JSON.readTree(parser), origin));
      } catch (SkippedEvent e) {
        count(e, skipped);
      }
    }
  }

  private Arrival arrival(JsonNode event, String origin) throws SkippedEvent {
    if (!text(event, "eventVersion").startsWith("2.")) {
      throw new SkippedEvent(EVENT_VERSION);
    }
    String given = text(event, "eventName");
    String name = given.startsWith("s3:") ? given.substring(3) : given;
    Kind kind = kind(name);
    String source = event.path("eventSource").asText();
    JsonNode s3 = event.path("s3");
    JsonNode object = s3.path("object");
    String key = text(object, "key");
    String uri =
        keys.uri(text(s3.path("bucket"), "name"), source.equals(CEPH) ? key : S3Keys.decoded(key));
    long length = kind == Kind.CREATED ? size(object, source) : 0;
    return new Arrival(
        kind,
        uri,
        length,
        version(name, kind, object),
        epochMillis(text(event, "eventTime")),
        origin);
  }

  private static Kind kind(String name) throws SkippedEvent {
    if (CREATED.contains(name)) {
      return Kind.CREATED;
    }
    if (DELETED.contains(name)) {
      return Kind.DELETED;
    }
    throw new SkippedEvent(EVENT_TYPE);
  }

  private static long size(JsonNode object, String source) throws SkippedEvent {
    JsonNode size = object.path("size");
    if (size.isMissingNode() && source.equals(MINIO)) {
      return 0; // MinIO leaves the size of an empty object out
    }
    if (!size.isIntegralNumber() || !size.canConvertToLong()) {
      throw new SkippedEvent(size.isBigInteger() ? BAD_SIZE : MALFORMED);
    }
    long bytes = size.longValue();
    if (bytes < 0 || bytes > MAX_SIZE) {
      throw new SkippedEvent(BAD_SIZE);
    }
    return bytes;
  }

  private static String version(String name, Kind kind, JsonNode object) throws SkippedEvent {
    if (MARKERS.contains(name)) {
      return "";
    }
    String version = optionalText(object, "versionId");
    // All objects written while versioning is suspended share the version "null".
    if (!version.isEmpty() && !version.equals("null")) {
      return "v:" + version;
    }
    if (name.equals(NON_CURRENT)) {
      throw new SkippedEvent(NO_VERSION_ID);
    }
    if (kind == Kind.DELETED && !version.isEmpty()) {
      return Arrival.NULL_VERSION;
    }
    String tag = optionalText(object, "eTag");
    return tag.isEmpty() ? "" : "e:" + tag;
  }

  private static long epochMillis(String time) throws SkippedEvent {
    try {
      return Instant.parse(time).toEpochMilli();
    } catch (DateTimeException | ArithmeticException e) {
      throw new SkippedEvent(MALFORMED);
    }
  }

  private static String text(JsonNode object, String field) throws SkippedEvent {
    JsonNode value = object.path(field);
    if (!value.isTextual()) {
      throw new SkippedEvent(MALFORMED);
    }
    return value.textValue();
  }

  private static String optionalText(JsonNode object, String field) throws SkippedEvent {
    JsonNode value = object.path(field);
    return value.isMissingNode() || value.isNull() ? "" : text(object, field);
  }

  private static void count(SkippedEvent event, Map<String, Long> skipped) {
    skipped.merge(event.reason(), 1L, Long::sum);
  }
}

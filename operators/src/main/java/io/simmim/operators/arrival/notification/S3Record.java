package io.simmim.operators.arrival.notification;

import static io.simmim.operators.arrival.notification.EventFields.optionalText;
import static io.simmim.operators.arrival.notification.EventFields.text;

import com.fasterxml.jackson.databind.JsonNode;
import io.simmim.operators.arrival.Arrival;
import io.simmim.operators.arrival.Arrival.Kind;
import java.util.Set;

/**
 * A record of an S3 event notification of version 2.
 *
 * <p>Deleting one version of an object that has others is a deletion too, with that version; a
 * delete marker, or all versions at once, is one without. An older version without an id is
 * skipped: its object stays, and what took its place has been told of.
 */
final class S3Record {
  static final String EVENT_VERSION = "event version";
  static final String EVENT_TYPE = "event type";
  static final String NO_VERSION_ID = "older version without an id";

  /** MinIO's lifecycle rules expire an object with its whole history, without a marker. */
  private static final String ALL_VERSIONS = "ObjectRemoved:DeleteAllVersions";

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
          ALL_VERSIONS,
          "LifecycleExpiration:Delete",
          "LifecycleExpiration:DeleteMarkerCreated",
          "ObjectLifecycle:Expiration:Current",
          NON_CURRENT);

  /** What they tell of is all versions, though the one that they name is a marker, or the last. */
  private static final Set<String> OF_ALL_VERSIONS =
      Set.of(
          ALL_VERSIONS,
          "ObjectRemoved:DeleteMarkerCreated",
          "LifecycleExpiration:DeleteMarkerCreated",
          "ObjectLifecycle:Expiration:Current");

  private static final String CEPH = "ceph:s3";
  private static final String MINIO = "minio:s3";

  private S3Record() {}

  static Arrival arrival(JsonNode event, S3Keys keys, String origin) throws SkippedEvent {
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
        EventFields.epochMillis(text(event, "eventTime")),
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
    if (object.path("size").isMissingNode() && source.equals(MINIO)) {
      return 0; // MinIO leaves the size of an empty object out
    }
    return EventFields.size(object);
  }

  private static String version(String name, Kind kind, JsonNode object) throws SkippedEvent {
    if (OF_ALL_VERSIONS.contains(name)) {
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
}

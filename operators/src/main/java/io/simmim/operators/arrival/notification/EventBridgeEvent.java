package io.simmim.operators.arrival.notification;

import static io.simmim.operators.arrival.notification.EventFields.optionalText;
import static io.simmim.operators.arrival.notification.EventFields.text;

import com.fasterxml.jackson.databind.JsonNode;
import io.simmim.operators.arrival.Arrival;
import io.simmim.operators.arrival.Arrival.Kind;

/**
 * What S3 tells by way of Amazon EventBridge, one event a message. Keys are what they are, not
 * URL-encoded as in notifications, and times are of whole seconds.
 */
final class EventBridgeEvent {
  private EventBridgeEvent() {}

  /**
   * The event of an object.
   *
   * @param event the whole message
   */
  static Arrival arrival(JsonNode event, S3Keys keys, String origin) throws SkippedEvent {
    if (!text(event, "version").equals("0")) {
      throw new SkippedEvent(S3Record.EVENT_VERSION);
    }
    Kind kind = kind(text(event, "detail-type"));
    JsonNode detail = event.path("detail");
    JsonNode object = detail.path("object");
    String uri = keys.uri(text(detail.path("bucket"), "name"), text(object, "key"));
    return new Arrival(
        kind,
        uri,
        kind == Kind.CREATED ? EventFields.size(object) : 0,
        kind == Kind.CREATED ? created(object) : deleted(detail, object),
        EventFields.epochMillis(text(event, "time")),
        origin);
  }

  private static Kind kind(String type) throws SkippedEvent {
    return switch (type) {
      case "Object Created" -> Kind.CREATED;
      case "Object Deleted" -> Kind.DELETED;
      default -> throw new SkippedEvent(S3Record.EVENT_TYPE);
    };
  }

  private static String created(JsonNode object) throws SkippedEvent {
    String version = optionalText(object, "version-id");
    if (!version.isEmpty() && !version.equals("null")) {
      return "v:" + version;
    }
    String tag = optionalText(object, "etag");
    return tag.isEmpty() ? "" : "e:" + tag;
  }

  /** The version of a marker is none that came, and the tag is not the one of what is gone. */
  private static String deleted(JsonNode detail, JsonNode object) throws SkippedEvent {
    if (text(detail, "deletion-type").equals("Delete Marker Created")) {
      return "";
    }
    String version = optionalText(object, "version-id");
    return version.isEmpty() ? "" : "v:" + version;
  }
}

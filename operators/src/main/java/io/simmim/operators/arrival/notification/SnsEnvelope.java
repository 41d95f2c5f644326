package io.simmim.operators.arrival.notification;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;

/**
 * What Amazon SNS puts around a message that it hands on, unless raw delivery is on: an object
 * whose field {@code Message} is the text of the message.
 */
final class SnsEnvelope {
  /** The text is a whole message. */
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxDocumentLength(S3Notifications.MAX_MESSAGE_BYTES)
                  .maxNestingDepth(S3Notifications.MAX_DEPTH)
                  .maxStringLength(S3Notifications.MAX_MESSAGE_BYTES)
                  .maxNameLength(S3Notifications.MAX_NAME)
                  .maxNumberLength(S3Notifications.MAX_DIGITS)
                  .build())
          .build();

  private SnsEnvelope() {}

  /**
   * The message in an envelope; null if this is none. An envelope in an envelope is not opened.
   *
   * @param value at most {@link S3Notifications#MAX_MESSAGE_BYTES}
   */
  static String message(byte[] value) {
    try (JsonParser parser = JSON.createParser(value)) {
      return message(parser);
    } catch (IOException e) {
      return null; // who reads it as a notification says what is wrong
    }
  }

  private static String message(JsonParser parser) throws IOException {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      return null;
    }
    boolean isNotification = false;
    String message = null;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      if (name.equals("Records") || name.equals("detail")) {
        return null; // by far the most
      }
      if (value == JsonToken.VALUE_STRING && name.equals("Message") && message == null) {
        message = parser.getText();
      } else if (value == JsonToken.VALUE_STRING && name.equals("Type")) {
        isNotification = parser.getText().equals("Notification");
      } else {
        parser.skipChildren();
      }
    }
    boolean isWhole = parser.currentToken() == JsonToken.END_OBJECT && parser.nextToken() == null;
    return isWhole && isNotification ? message : null;
  }
}

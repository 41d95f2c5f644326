package io.simmim.operators.arrival.notification;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SnsEnvelopeTest extends S3Messages {
  @ParameterizedTest
  @ValueSource(strings = {AWS, MINIO, CEPH, EVENT_BRIDGE})
  void isOpened(String message) {
    assertThat(parse(message).arrivals()).hasSize(1);
    assertThat(parse(sns(message))).isEqualTo(parse(message));
  }

  /** Texts within a notification are limited, and the whole of one may be longer. */
  @Test
  void mayHoldALongMessage() {
    String[] records = new String[500];
    for (int i = 0; i < records.length; i++) {
      records[i] = record("more", i + ".jpg");
    }

    assertThat(parse(sns(message(records))).arrivals()).hasSize(records.length);
  }

  @ParameterizedTest
  @MethodSource("examples")
  void isTheOnlyOneThatIsOpened(String message) {
    assertSkipped(sns(sns(message)), S3Notifications.NO_NOTIFICATION);
  }

  @Test
  void mayHoldWhatCannotBeRead() {
    assertSkipped(sns("hello"), S3Notifications.NOT_JSON);
    assertSkipped(sns(""), S3Notifications.NO_NOTIFICATION);
    assertSkipped(sns("{\"Event\":\"s3:TestEvent\"}"), S3Record.EVENT_TYPE);
    assertSkipped(sns("[".repeat(500_000)), S3Notifications.NO_NOTIFICATION);
    assertSkipped(sns("{\"a\":" + "[".repeat(500_000)), S3Notifications.BEYOND_LIMITS);
  }

  @Test
  void isNotOpenedWhenItIsOfAnotherType() {
    assertSkipped(
        sns(AWS).replace("\"Notification\"", "\"SubscriptionConfirmation\""),
        S3Notifications.NO_NOTIFICATION);
    assertSkipped(sns(AWS).replace("\"Type\"", "\"type\""), S3Notifications.NO_NOTIFICATION);
    assertSkipped(
        sns(AWS).replace("\"Message\":", "\"Message\":7,\"x\":"), S3Notifications.NO_NOTIFICATION);
  }

  @Test
  void isDamagedLikeAnyMessage() {
    assertSkipped(sns(AWS) + "}", S3Notifications.NOT_JSON);
    assertSkipped(sns(AWS).substring(0, 300), S3Notifications.NOT_JSON);
  }

  /** What is no text would name another object. */
  @Test
  void keepsWhatIsNoText() {
    assertSkipped(sns(CEPH).replace("train/a.jpg", "train/\\ud800.jpg"), S3Keys.BAD_ENCODING);
  }
}

package io.simmim.operators.arrival.notification;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.operators.arrival.Arrival;
import io.simmim.operators.arrival.Arrival.Kind;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EventBridgeEventTest extends S3Messages {
  private static final long SECOND = Instant.parse("2026-03-04T05:06:07Z").toEpochMilli();

  /** Keys are what they are here, and encoded in notifications. */
  @Test
  void readsWhatWasCreated() {
    assertThat(parse(EVENT_BRIDGE))
        .isEqualTo(
            only(
                new Arrival(
                    Kind.CREATED,
                    "s3://photos/train/a+b.jpg",
                    5,
                    "v:IYV3p45BT0ac8hjHg1houSdS1a.Mro8e",
                    SECOND,
                    ORIGIN)));
  }

  @Test
  void takesTheTagWithoutVersions() {
    assertThat(parse(EVENT_BRIDGE.replace("version-id", "other")).arrivals())
        .extracting(Arrival::version)
        .containsExactly("e:b1946ac92492d2347c6235b4d2611184");
  }

  /** The tag that it names is not the one of what is gone. */
  @ParameterizedTest
  @CsvSource({
    "Permanently Deleted,version-id,v:IYV3p45BT0ac8hjHg1houSdS1a.Mro8e",
    "Permanently Deleted,other,''",
    "Delete Marker Created,version-id,''",
  })
  void readsWhatWasDeleted(String type, String field, String version) {
    assertThat(parse(deleted(type).replace("version-id", field)))
        .isEqualTo(
            only(
                new Arrival(
                    Kind.DELETED, "s3://photos/train/a+b.jpg", 0, version, SECOND, ORIGIN)));
  }

  private static String deleted(String type) {
    return EVENT_BRIDGE
        .replace("Object Created", "Object Deleted")
        .replace("\"size\":5,", "")
        .replace("\"reason\":\"PutObject\"", "\"deletion-type\":\"%s\"".formatted(type));
  }

  @Test
  void tellsTheVersionWithoutAnIdFromTheOthers() {
    assertThat(
            parse(
                    deleted("Permanently Deleted")
                        .replace("IYV3p45BT0ac8hjHg1houSdS1a.Mro8e", "null"))
                .arrivals())
        .extracting(Arrival::version)
        .containsExactly(Arrival.NULL_VERSION);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"Object Tags Added", "Object Restore Completed", "AWS API Call via CloudTrail"})
  void skipsOtherEvents(String type) {
    assertSkipped(EVENT_BRIDGE.replace("Object Created", type), S3Record.EVENT_TYPE);
  }

  @Test
  void skipsOtherVersionsAndOtherServices() {
    assertSkipped(
        EVENT_BRIDGE.replaceFirst("\"version\":\"0\"", "\"version\":\"1\""),
        S3Record.EVENT_VERSION);
    assertSkipped(EVENT_BRIDGE.replace("aws.s3", "aws.ec2"), S3Notifications.NO_NOTIFICATION);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"\"detail-type\"", "\"time\"", "\"detail\"", "\"bucket\"", "\"key\"", "\"size\""})
  void skipsEventsThatLackAField(String field) {
    assertSkipped(EVENT_BRIDGE.replaceFirst(field, "\"other\""), EventFields.MALFORMED);
  }

  @Test
  void skipsADeletionThatDoesNotSayOfWhat() {
    assertSkipped(
        deleted("Permanently Deleted").replace("deletion-type", "other"), EventFields.MALFORMED);
  }
}

package io.simmim.operators.arrival.notification;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simmim.operators.arrival.Arrival;
import io.simmim.operators.arrival.Arrival.Kind;
import io.simmim.operators.arrival.ArrivalBatch;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class S3NotificationsTest extends S3Messages {
  @Test
  void readsWhatAmazonSends() {
    assertThat(parse(AWS))
        .isEqualTo(
            only(
                new Arrival(
                    Kind.CREATED,
                    "s3://photos/train/red flowerä.JPG",
                    1024,
                    "v:096fKKXTRTtl3on89fVO.nfljtsv6qko",
                    TIME,
                    ORIGIN)));
  }

  @Test
  void readsWhatMinioSends() {
    assertThat(parse(MINIO))
        .isEqualTo(
            only(
                new Arrival(
                    Kind.CREATED,
                    "s3://photos/train/a b.jpg",
                    77,
                    "e:ab56b4d92b40713acc5af89985d4b786",
                    TIME,
                    ORIGIN)));
  }

  @Test
  void takesAMissingSizeFromMinioForZero() {
    assertThat(parse(MINIO.replace("\"size\":77,", "")).arrivals())
        .extracting(Arrival::length)
        .containsExactly(0L);
    assertSkipped(AWS.replace("\"size\":1024,", ""), EventFields.MALFORMED);
  }

  @ParameterizedTest
  @CsvSource({
    "ObjectCreated:Put,CREATED",
    "ObjectCreated:Post,CREATED",
    "s3:ObjectCreated:Copy,CREATED",
    "ObjectCreated:CompleteMultipartUpload,CREATED",
    "ObjectRemoved:Delete,DELETED",
    "s3:ObjectRemoved:DeleteMarkerCreated,DELETED",
    "s3:ObjectRemoved:DeleteAllVersions,DELETED",
    "LifecycleExpiration:Delete,DELETED",
    "LifecycleExpiration:DeleteMarkerCreated,DELETED",
    "ObjectLifecycle:Expiration:Current,DELETED",
    "s3:ObjectLifecycle:Expiration:NonCurrent,DELETED",
  })
  void tellsCreationsFromDeletions(String eventName, Kind kind) {
    assertThat(parse(AWS.replace("ObjectCreated:Put", eventName)).arrivals())
        .extracting(Arrival::kind)
        .containsExactly(kind);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ObjectRestore:Post",
        "ObjectTagging:Put",
        "s3:ObjectCreated:PutRetention",
        "s3:ObjectRemoved:NoOP",
        "ObjectCreated:*",
        "ObjectCreated",
        "",
      })
  void skipsOtherEvents(String eventName) {
    assertSkipped(AWS.replace("ObjectCreated:Put", eventName), S3Record.EVENT_TYPE);
  }

  @Test
  void readsDeletionsWithoutSizeAndTag() {
    String deletion =
        AWS.replace("ObjectCreated:Put", "ObjectRemoved:Delete")
            .replace("\"size\":1024,", "")
            .replaceAll("\"(eTag|versionId)\":\"[^\"]*\",", "");

    assertThat(parse(deletion))
        .isEqualTo(
            only(
                new Arrival(
                    Kind.DELETED, "s3://photos/train/red flowerä.JPG", 0, "", TIME, ORIGIN)));
  }

  /** The version may be that of a marker, or the last one; whatever came before is gone too. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "ObjectRemoved:DeleteMarkerCreated",
        "LifecycleExpiration:DeleteMarkerCreated",
        "ObjectLifecycle:Expiration:Current",
        "s3:ObjectRemoved:DeleteAllVersions"
      })
  void takesAMarkerForTheDeletionOfAllVersions(String eventName) {
    assertThat(parse(AWS.replace("ObjectCreated:Put", eventName)).arrivals())
        .extracting(Arrival::version)
        .containsExactly("");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ObjectRemoved:Delete", "LifecycleExpiration:Delete"})
  void tellsTheVersionWithoutAnIdFromTheOthers(String eventName) {
    String deletion =
        AWS.replace("ObjectCreated:Put", eventName)
            .replaceAll("\"versionId\":\"[^\"]*\"", "\"versionId\":\"null\"");

    assertThat(parse(deletion).arrivals())
        .extracting(Arrival::version)
        .containsExactly(Arrival.NULL_VERSION);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "null"})
  void deletesNothingForAnOlderVersionWithoutAnId(String version) {
    assertSkipped(
        AWS.replace("ObjectCreated:Put", "ObjectLifecycle:Expiration:NonCurrent")
            .replaceAll("\"versionId\":\"[^\"]*\"", "\"versionId\":\"%s\"".formatted(version)),
        S3Record.NO_VERSION_ID);
  }

  @Test
  void takesTheTagWhereVersioningIsSuspended() {
    assertThat(parse(AWS.replaceAll("\"versionId\":\"[^\"]*\"", "\"versionId\":\"null\"")))
        .extracting(batch -> batch.arrivals().get(0).version())
        .isEqualTo("e:d41d8cd98f00b204e9800998ecf8427e");
  }

  @Test
  void skipsTheTestMessage() {
    assertSkipped(
        """
        {"Service":"Amazon S3","Event":"s3:TestEvent","Time":"2014-10-13T15:57:02.089Z",
         "Bucket":"photos","RequestId":"5582815E1AEA5ADF","HostId":"8cLeGAmw098X5cv4Zkwcmo8vvZa3eH3"}
        """,
        S3Record.EVENT_TYPE);
  }

  @ParameterizedTest
  @CsvSource({
    "-1,size",
    "-9223372036854775808,size",
    "1125899906842625,size",
    "9223372036854775808,size",
    "1e3,malformed record",
    "10.0,malformed record",
    "'\"10\"',malformed record",
    "null,malformed record",
    "[10],malformed record",
  })
  void skipsSizesThatCannotBe(String size, String reason) {
    assertSkipped(AWS.replace(":1024,", ":" + size + ","), reason);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "eventVersion",
        "eventTime",
        "eventName",
        "s3",
        "bucket",
        "name",
        "object",
        "key",
        "eTag"
      })
  void skipsFieldsOfAnotherType(String field) throws JsonProcessingException {
    ObjectMapper json = new ObjectMapper();
    for (String value : List.of("7", "[]", "true", "{}")) {
      JsonNode message = json.readTree(AWS.replace("\"versionId\"", "\"other\""));
      ((ObjectNode) message.findParent(field)).set(field, json.readTree(value));

      assertSkipped(message.toString(), EventFields.MALFORMED);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"eventVersion", "eventTime", "eventName", "s3", "bucket", "name", "key"})
  void skipsRecordsThatLackAField(String field) {
    assertSkipped(AWS.replaceAll("\"" + field + "\":", "\"other\":"), EventFields.MALFORMED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "yesterday", "2026-13-01T00:00:00Z", "+999999999-12-31T23:59:59Z"})
  void skipsTimesThatCannotBe(String time) {
    assertSkipped(AWS.replace("2026-03-04T05:06:07.089Z", time), EventFields.MALFORMED);
  }

  @Test
  void readsTheTimesOfOlderCephs() {
    String old = CEPH.replace("2026-03-04T05:06:07.089Z", "2026-03-04 05:06:07.089439Z");

    assertThat(parse(old)).isEqualTo(parse(CEPH));
  }

  @Test
  void skipsOtherVersionsOfEvents() {
    assertSkipped(AWS.replace("\"2.1\"", "\"3.0\""), S3Record.EVENT_VERSION);
    assertSkipped(AWS.replace("\"2.1\"", "\"20\""), S3Record.EVENT_VERSION);
  }

  @Test
  void keepsTheNeighboursOfABadRecord() {
    ArrivalBatch batch =
        parse(
            message(
                record("more", "a.jpg"),
                "null",
                record("more", "a.gif"),
                "{}",
                "[[]]",
                record("more", "b.gif"),
                record("more", "b.jpg")));

    assertThat(batch.arrivals())
        .extracting(Arrival::uri)
        .containsExactly("s3a://more/a.jpg", "s3a://more/b.jpg");
    assertThat(batch.skipped()).isEqualTo(Map.of(S3Keys.NO_IMAGE, 2L, EventFields.MALFORMED, 3L));
    assertThat(batch.offsets()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{",
        "{\"Records\":[",
        "{}{}",
        "{\"Records\":[]}]",
        "{\"Records\":[],}",
        "{'Records':[]}"
      })
  void skipsWhatIsNoJson(String message) {
    assertSkipped(message, S3Notifications.NOT_JSON);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        " ",
        "[]",
        "7",
        "\"x\"",
        "null",
        "{}",
        "{\"Records\":{}}",
        "{\"Records\":null}",
        "{\"records\":[]}",
        "{\"Event\":[\"s3:TestEvent\"]}"
      })
  void skipsWhatIsNoNotification(String message) {
    assertSkipped(message, S3Notifications.NO_NOTIFICATION);
  }

  @Test
  void skipsMessagesWithoutContent() {
    assertThat(notifications.parse(null, ORIGIN).skipped())
        .isEqualTo(Map.of(S3Notifications.EMPTY, 1L));
    assertSkipped("", S3Notifications.EMPTY);
  }

  @Test
  void keepsWhatCameBeforeDamage() {
    ArrivalBatch batch = parse("{\"Records\":[" + record("more", "a.jpg") + ",{\"a\":\"" + "b");

    assertThat(batch.arrivals()).hasSize(1);
    assertThat(batch.skipped()).isEqualTo(Map.of(S3Notifications.NOT_JSON, 1L));
  }

  @Test
  void limitsBytesDepthTextsAndRecords() {
    assertSkipped(" ".repeat(S3Notifications.MAX_MESSAGE_BYTES + 1), S3Notifications.TOO_LARGE);
    assertSkipped("[".repeat(33), S3Notifications.NO_NOTIFICATION);
    assertSkipped("{\"a\":" + "[".repeat(500_000), S3Notifications.BEYOND_LIMITS);
    assertSkipped("{\"Event\":\"" + "b".repeat(900_000) + "\"}", S3Notifications.BEYOND_LIMITS);
    assertSkipped("{\"" + "b".repeat(900_000) + "\":1}", S3Notifications.BEYOND_LIMITS);
    assertSkipped("{\"Records\":[" + "9".repeat(900_000) + "]}", S3Notifications.BEYOND_LIMITS);
    String many =
        IntStream.range(0, S3Notifications.MAX_RECORDS + 3)
            .mapToObj(i -> "[{}]")
            .collect(Collectors.joining(","));
    assertThat(parse(message(many)).skipped())
        .isEqualTo(
            Map.of(
                EventFields.MALFORMED,
                (long) S3Notifications.MAX_RECORDS,
                S3Notifications.TOO_MANY_RECORDS,
                3L));
  }

  @Test
  void refusesAFieldThatIsThereTwice() {
    assertSkipped(
        AWS.replace("\"key\":", "\"key\":\"train/x.jpg\",\"key\":"), S3Notifications.NOT_JSON);
  }

  @Test
  void survivesAnyDamage() {
    byte[] message = AWS.getBytes(StandardCharsets.UTF_8);
    Random random = new Random(1);
    for (int i = 0; i < 20_000; i++) {
      byte[] damaged = Arrays.copyOf(message, message.length - random.nextInt(2) * i % 50);
      for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
      }
      ArrivalBatch batch = notifications.parse(damaged, ORIGIN);
      for (Arrival arrival : batch.arrivals()) {
        assertThat(arrival.uri()).startsWith("s3://photos/train/");
      }
      assertThat(batch.arrivals().size() + batch.skipped().size()).isPositive();
    }
  }

  /** Jackson takes zeros at the beginning for UTF-16 or UTF-32, and what follows for no text. */
  @ParameterizedTest
  @ValueSource(strings = {"7b00000010", "0000007bdc000000", "feff7b00dc00", "fffe0000", "7b00dcdc"})
  void skipsWhatIsNoText(String hex) {
    ArrivalBatch batch = notifications.parse(HexFormat.of().parseHex(hex + "22".repeat(8)), ORIGIN);

    assertThat(batch.arrivals()).isEmpty();
    assertThat(batch.skipped()).hasSize(1);
  }
}

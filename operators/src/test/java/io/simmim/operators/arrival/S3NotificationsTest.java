package io.simmim.operators.arrival;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simmim.operators.arrival.Arrival.Kind;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class S3NotificationsTest {
  private static final String ORIGIN = "images/3@17";
  private static final long TIME = Instant.parse("2026-03-04T05:06:07.089Z").toEpochMilli();

  /** The fields that AWS documents for version 2.1. */
  private static final String AWS =
      """
      {"Records":[{
        "eventVersion":"2.1",
        "eventSource":"aws:s3",
        "awsRegion":"us-west-2",
        "eventTime":"2026-03-04T05:06:07.089Z",
        "eventName":"ObjectCreated:Put",
        "userIdentity":{"principalId":"AIDAJDPLRKLG7UEXAMPLE"},
        "requestParameters":{"sourceIPAddress":"127.0.0.1"},
        "responseElements":{"x-amz-request-id":"C3D13FE58DE4C810","x-amz-id-2":"FMyUVURIY8"},
        "s3":{
          "s3SchemaVersion":"1.0",
          "configurationId":"testConfigRule",
          "bucket":{
            "name":"photos",
            "ownerIdentity":{"principalId":"A3NL1KOZZKExample"},
            "arn":"arn:aws:s3:::photos"},
          "object":{
            "key":"train/red+flower%C3%A4.JPG",
            "size":1024,
            "eTag":"d41d8cd98f00b204e9800998ecf8427e",
            "versionId":"096fKKXTRTtl3on89fVO.nfljtsv6qko",
            "sequencer":"0055AED6DCD90281E5"}},
        "glacierEventData":{"restoreEventData":{"lifecycleRestorationExpiryTime":"x"}}}]}
      """;

  /** As MinIO publishes to Kafka: the bucket stands before the key at the top. */
  private static final String MINIO =
      """
      {"EventName":"s3:ObjectCreated:Put",
       "Key":"photos/train/a b.jpg",
       "Records":[{
        "eventVersion":"2.0",
        "eventSource":"minio:s3",
        "awsRegion":"",
        "eventTime":"2026-03-04T05:06:07.089Z",
        "eventName":"s3:ObjectCreated:Put",
        "userIdentity":{"principalId":"minioadmin"},
        "requestParameters":{"principalId":"minioadmin","region":"","sourceIPAddress":"::1"},
        "responseElements":{"x-amz-request-id":"17","x-minio-origin-endpoint":"http://h:9000"},
        "s3":{
          "s3SchemaVersion":"1.0",
          "configurationId":"Config",
          "bucket":{
            "name":"photos",
            "ownerIdentity":{"principalId":"minioadmin"},
            "arn":"arn:aws:s3:::photos"},
          "object":{
            "key":"train%2Fa+b.jpg",
            "size":77,
            "eTag":"ab56b4d92b40713acc5af89985d4b786",
            "contentType":"image/jpeg",
            "userMetadata":{"content-type":"image/jpeg"},
            "sequencer":"17BAA0C1A9C3E2F1"}},
        "source":{"host":"::1","port":"","userAgent":"MinIO (linux; amd64) minio-go/v7"}}]}
      """;

  /** As Ceph's gateway sends them: the key is what it is, and an empty version is none. */
  private static final String CEPH =
      """
      {"Records":[{
        "eventVersion":"2.2",
        "eventSource":"ceph:s3",
        "awsRegion":"us-east-1",
        "eventTime":"2026-03-04T05:06:07.089Z",
        "eventName":"ObjectCreated:Put",
        "userIdentity":{"principalId":"tester"},
        "requestParameters":{"sourceIPAddress":""},
        "responseElements":{"x-amz-request-id":"503a4c37","x-amz-id-2":"14d2-zone1-zonegroup1"},
        "s3":{
          "s3SchemaVersion":"1.0",
          "configurationId":"mynotif1",
          "bucket":{
            "name":"photos",
            "ownerIdentity":{"principalId":"tester"},
            "arn":"arn:aws:s3:us-east-1::photos",
            "id":"503a4c37-85eb"},
          "object":{
            "key":"train/a.jpg",
            "size":100,
            "eTag":"37b51d194a7513e45b56f6524f2d51f2",
            "versionId":"",
            "sequencer":"F7E6D75DC742D108",
            "metadata":[],
            "tags":[]}},
        "eventId":"",
        "opaqueData":"me@example.com"}]}
      """;

  private final S3Notifications notifications =
      new S3Notifications(
          List.of(
              "file:/photos",
              "s3://photos/train",
              "s3a://more",
              "s3://photos/one.jpg",
              "gs://photos/train"));

  /** Messages as three stores send them. */
  static Stream<String> examples() {
    return Stream.of(AWS, MINIO, CEPH);
  }

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

  @ParameterizedTest
  @ValueSource(
      strings = {"a.jpg", "a+b.jpg", "50%20off.jpg", "100%.jpg", "a b.jpg", "%zz.jpg", "é.jpg"})
  void takesKeysFromCephAsTheyAre(String name) {
    assertThat(parse(CEPH.replace("a.jpg", name)))
        .isEqualTo(
            only(
                new Arrival(
                    Kind.CREATED,
                    "s3://photos/train/" + name,
                    100,
                    "e:37b51d194a7513e45b56f6524f2d51f2",
                    TIME,
                    ORIGIN)));
  }

  @ParameterizedTest
  @CsvSource({
    "train/../a.jpg,key is no path",
    "train//a.jpg,key is no path",
    "train/a\\u0000.jpg,key is no path",
    "train/\\ud800.jpg,key is badly encoded",
    "train/a.png,not an image",
    "else/a.jpg,outside the input",
  })
  void skipsKeysFromCephThatAreNoPathOfAnImage(String key, String reason) {
    assertSkipped(CEPH.replace("train/a.jpg", key), reason);
    assertSkipped(
        CEPH.replace("train/a.jpg", "train/" + "a".repeat(1015) + ".jpg"), S3Keys.NO_PATH);
  }

  @Test
  void takesAMissingSizeFromMinioForZero() {
    assertThat(parse(MINIO.replace("\"size\":77,", "")).arrivals())
        .extracting(Arrival::length)
        .containsExactly(0L);
    assertSkipped(AWS.replace("\"size\":1024,", ""), S3Notifications.MALFORMED);
  }

  @ParameterizedTest
  @CsvSource({
    "ObjectCreated:Put,CREATED",
    "ObjectCreated:Post,CREATED",
    "s3:ObjectCreated:Copy,CREATED",
    "ObjectCreated:CompleteMultipartUpload,CREATED",
    "ObjectRemoved:Delete,DELETED",
    "s3:ObjectRemoved:DeleteMarkerCreated,DELETED",
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
        "ObjectCreated:*",
        "ObjectCreated",
        "",
      })
  void skipsOtherEvents(String eventName) {
    assertSkipped(AWS.replace("ObjectCreated:Put", eventName), S3Notifications.EVENT_TYPE);
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

  /** The version may be that of a marker; whatever came before is hidden. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "ObjectRemoved:DeleteMarkerCreated",
        "LifecycleExpiration:DeleteMarkerCreated",
        "ObjectLifecycle:Expiration:Current"
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
        S3Notifications.NO_VERSION_ID);
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
        S3Notifications.EVENT_TYPE);
  }

  @ParameterizedTest
  @CsvSource({
    "photos,train/a.jpg,s3://photos/train/a.jpg",
    "photos,train/deep/er/b.JPEG,s3://photos/train/deep/er/b.JPEG",
    "photos,train/c.tar,s3://photos/train/c.tar",
    "photos,one.jpg,s3://photos/one.jpg",
    "more,any.jpg,s3a://more/any.jpg",
    "more,%2B+%25+%23%3F%3A%26.jpg,s3a://more/+ % #?:&.jpg",
    "more,a:b.jpg,s3a://more/a:b.jpg",
    "more,a.../a..a.jpg,s3a://more/a.../a..a.jpg",
    "more,%E4%B8%80.jpg,s3a://more/一.jpg",
    "more,一.jpg,s3a://more/一.jpg",
  })
  void findsTheRootOfAKey(String bucket, String key, String uri) {
    assertThat(parse(message(record(bucket, key))).arrivals())
        .extracting(Arrival::uri)
        .containsExactly(uri);
  }

  @ParameterizedTest
  @CsvSource({
    "photos,a.jpg",
    "photos,training/a.jpg",
    "photos,train.jpg",
    "photos,Train/a.jpg",
    "photos,one.jpg/a.tar.gz",
    "Photos,train/a.jpg",
    "photo,train/a.jpg",
    "photos/train,a.jpg",
    "evil@photos,train/a.jpg",
    "'',train/a.jpg",
  })
  void skipsWhatLiesElsewhere(String bucket, String key) {
    if (key.startsWith("one.jpg/")) {
      // The root may be a folder of that name; its end decides then.
      assertSkipped(message(record(bucket, key)), S3Keys.NO_IMAGE);
    } else {
      assertSkipped(message(record(bucket, key)), S3Keys.OUTSIDE);
    }
  }

  /** As listings do, below the input. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "._a.jpg",
        ".cache/a.jpg",
        "x/__MACOSX/a.jpg",
        "x/.a.tar",
        "lost%2Bfound/a.jpg",
        ".../..a.jpg"
      })
  void skipsWhatIsHidden(String key) {
    assertSkipped(message(record("more", key)), S3Keys.HIDDEN);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.png", "a.jpg.tmp", "jpg", "a.tar.gz", "a.jpg+", "_SUCCESS"})
  void skipsWhatIsNoImage(String key) {
    assertSkipped(message(record("more", key)), S3Keys.NO_IMAGE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "/a.jpg",
        "a//b.jpg",
        "a/./b.jpg",
        "./a.jpg",
        "../a.jpg",
        "a/../b.jpg",
        "a/%2e%2e/b.jpg",
        "%2E%2E%2Fa.jpg",
        "a.jpg/",
        "a.jpg/..",
        "a%5Cb.jpg",
        "..%5Ca.jpg",
        "s3://photos/train/a.jpg",
        "a%00.jpg",
        "a%0A.jpg",
        "a%7F.jpg",
        "a%C2%85.jpg",
      })
  void skipsKeysThatFlinkTakesForOtherPaths(String key) {
    assertSkipped(message(record("more", key)), S3Keys.NO_PATH);
  }

  @Test
  void skipsKeysThatAreTooLong() {
    String longest = "a".repeat(1020) + ".jpg";

    assertThat(parse(message(record("more", longest))).arrivals()).hasSize(1);
    assertSkipped(message(record("more", "b" + longest)), S3Keys.NO_PATH);
    assertSkipped(message(record("more", "%C3%A4".repeat(511) + ".jpg")), S3Keys.NO_PATH);
  }

  @ParameterizedTest
  @ValueSource(strings = {"%", "%4", "a%zz.jpg", "%-1.jpg", "%FF.jpg", "%C3.jpg", "\\ud800.jpg"})
  void skipsKeysThatAreNoText(String key) {
    assertSkipped(message(record("more", key)), S3Keys.BAD_ENCODING);
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

      assertSkipped(message.toString(), S3Notifications.MALFORMED);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"eventVersion", "eventTime", "eventName", "s3", "bucket", "name", "key"})
  void skipsRecordsThatLackAField(String field) {
    assertSkipped(AWS.replaceAll("\"" + field + "\":", "\"other\":"), S3Notifications.MALFORMED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "yesterday", "2026-13-01T00:00:00Z", "+999999999-12-31T23:59:59Z"})
  void skipsTimesThatCannotBe(String time) {
    assertSkipped(AWS.replace("2026-03-04T05:06:07.089Z", time), S3Notifications.MALFORMED);
  }

  @Test
  void skipsOtherVersionsOfEvents() {
    assertSkipped(AWS.replace("\"2.1\"", "\"3.0\""), S3Notifications.EVENT_VERSION);
    assertSkipped(AWS.replace("\"2.1\"", "\"20\""), S3Notifications.EVENT_VERSION);
  }

  @Test
  void keepsTheNeighboursOfABadRecord() {
    ArrivalBatch batch =
        parse(
            message(
                record("more", "a.jpg"),
                "null",
                record("more", "a.png"),
                "{}",
                "[[]]",
                record("more", "b.png"),
                record("more", "b.jpg")));

    assertThat(batch.arrivals())
        .extracting(Arrival::uri)
        .containsExactly("s3a://more/a.jpg", "s3a://more/b.jpg");
    assertThat(batch.skipped())
        .isEqualTo(Map.of(S3Keys.NO_IMAGE, 2L, S3Notifications.MALFORMED, 3L));
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
                S3Notifications.MALFORMED,
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

  private ArrivalBatch parse(String message) {
    return notifications.parse(message.getBytes(StandardCharsets.UTF_8), ORIGIN);
  }

  private void assertSkipped(String message, String reason) {
    assertThat(parse(message)).isEqualTo(new ArrivalBatch(List.of(), Map.of(), Map.of(reason, 1L)));
  }

  private static ArrivalBatch only(Arrival arrival) {
    return new ArrivalBatch(List.of(arrival), Map.of(), Map.of());
  }

  private static String message(String... records) {
    return "{\"Records\":[" + String.join(",", records) + "]}";
  }

  private static String record(String bucket, String key) {
    return """
    {"eventVersion":"2.1","eventTime":"2026-03-04T05:06:07.089Z","eventName":"ObjectCreated:Put",\
    "s3":{"bucket":{"name":"%s"},"object":{"key":"%s","size":3,"eTag":"e"}}}\
    """
        .formatted(bucket, key);
  }
}

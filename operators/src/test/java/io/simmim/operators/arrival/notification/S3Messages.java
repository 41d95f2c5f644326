package io.simmim.operators.arrival.notification;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.simmim.operators.arrival.Arrival;
import io.simmim.operators.arrival.ArrivalBatch;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Messages as stores and Amazon's services send them, and what is read from them. */
public abstract class S3Messages {
  public static final String ORIGIN = "images/3@17";
  public static final long TIME = Instant.parse("2026-03-04T05:06:07.089Z").toEpochMilli();

  /** The fields that AWS documents for version 2.1. */
  public static final String AWS =
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
  public static final String MINIO =
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
  public static final String CEPH =
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

  /** The fields that AWS documents for events of S3 in EventBridge. */
  public static final String EVENT_BRIDGE =
      """
      {"version":"0",
       "id":"17793124-05d4-b198-2fde-7ededc63b103",
       "detail-type":"Object Created",
       "source":"aws.s3",
       "account":"111122223333",
       "time":"2026-03-04T05:06:07Z",
       "region":"ca-central-1",
       "resources":["arn:aws:s3:::photos"],
       "detail":{
        "version":"0",
        "bucket":{"name":"photos"},
        "object":{
          "key":"train/a+b.jpg",
          "size":5,
          "etag":"b1946ac92492d2347c6235b4d2611184",
          "version-id":"IYV3p45BT0ac8hjHg1houSdS1a.Mro8e",
          "sequencer":"617f08299329d189"},
        "request-id":"N4N7GDK58NMKJ12R",
        "requester":"123456789012",
        "source-ip-address":"1.2.3.4",
        "reason":"PutObject"}}
      """;

  public final S3Notifications notifications =
      new S3Notifications(
          List.of(
              "file:/photos",
              "s3://photos/train",
              "s3a://more",
              "s3://photos/one.jpg",
              "gs://photos/train"),
          List.of("file:/photos/run", "s3a://photos/train/runs/1/"));

  /** Messages of all kinds. */
  public static Stream<String> examples() {
    return Stream.of(AWS, MINIO, CEPH, EVENT_BRIDGE, sns(AWS), sns(EVENT_BRIDGE));
  }

  /** A message as Amazon SNS hands it on. */
  public static String sns(String message) {
    return new ObjectMapper()
        .createObjectNode()
        .put("Type", "Notification")
        .put("MessageId", "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324")
        .put("TopicArn", "arn:aws:sns:us-west-2:123456789012:MyTopic")
        .put("Subject", "Amazon S3 Notification")
        .put("Message", message)
        .put("Timestamp", "2026-03-04T05:06:08.123Z")
        .put("SignatureVersion", "1")
        .put("Signature", "c2lnbmF0dXJl")
        .put("SigningCertURL", "https://sns.example/cert.pem")
        .put("UnsubscribeURL", "https://sns.example/?Action=Unsubscribe")
        .toString();
  }

  ArrivalBatch parse(String message) {
    return notifications.parse(message.getBytes(StandardCharsets.UTF_8), ORIGIN);
  }

  void assertSkipped(String message, String reason) {
    assertThat(parse(message)).isEqualTo(new ArrivalBatch(List.of(), Map.of(), Map.of(reason, 1L)));
  }

  static ArrivalBatch only(Arrival arrival) {
    return new ArrivalBatch(List.of(arrival), Map.of(), Map.of());
  }

  static String message(String... records) {
    return "{\"Records\":[" + String.join(",", records) + "]}";
  }

  static String record(String bucket, String key) {
    return """
    {"eventVersion":"2.1","eventTime":"2026-03-04T05:06:07.089Z","eventName":"ObjectCreated:Put",\
    "s3":{"bucket":{"name":"%s"},"object":{"key":"%s","size":3,"eTag":"e"}}}\
    """
        .formatted(bucket, key);
  }
}

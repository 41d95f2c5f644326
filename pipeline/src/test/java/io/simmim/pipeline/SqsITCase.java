package io.simmim.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.operators.arrival.log.ArrivalLog;
import io.simmim.operators.arrival.log.ArrivalLogFiles;
import io.simmim.pipeline.cluster.StandaloneCluster;
import io.simmim.pipeline.s3.S3Files;
import io.simmim.pipeline.s3.S3Server;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.elasticmq.rest.sqs.SQSRestServer;
import org.elasticmq.rest.sqs.SQSRestServerBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/**
 * A cluster in JVMs of its own trains on images in S3 as a queue of SQS tells of them: twice each,
 * and in another order than they came.
 */
@Timeout(500)
class SqsITCase {
  private static final String BUCKET = "s3://" + S3Server.BUCKET;
  private static final String QUEUE = "photo-events";
  private static final Duration LIMIT = Duration.ofMinutes(3);
  private static final int BURST = 40;
  private static final int BURSTS = 3;

  /**
   * Chunks of 4: the first has 4 new images, each later one 2, so 120 images make 1 + 58 chunks. A
   * step has 6 of them.
   */
  private static final long STEPS = 59 / 6;

  @TempDir static Path work;
  private static S3Server server;
  private static SQSRestServer queues;
  private static SqsClient client;
  private static String address;
  private static String queueUrl;
  private static StandaloneCluster cluster;
  private static Path config;
  private static List<Path> images;

  @BeforeAll
  static void start() throws Exception {
    config = Workload.prepare(work, 1).config();
    Path folder = work.resolve("arriving");
    Photographs.draw(folder, BURST * BURSTS);
    try (Stream<Path> files = Files.walk(folder)) {
      images = files.filter(Files::isRegularFile).map(folder::relativize).sorted().toList();
    }
    server = S3Server.start(work.resolve("server"));
    S3Files.connect(server);
    S3Files.upload(folder, BUCKET + "/images");
    queues = SQSRestServerBuilder.withInterface("127.0.0.1").withDynamicPort().start();
    address = "127.0.0.1:" + queues.waitUntilStarted().localAddress().getPort();
    client =
        SqsClient.builder()
            .endpointOverride(URI.create("http://" + address))
            .region(Region.EU_CENTRAL_1)
            .credentialsProvider(
                StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test")))
            .httpClient(UrlConnectionHttpClient.create())
            .build();
    queueUrl = client.createQueue(request -> request.queueName(QUEUE)).queueUrl();
    cluster =
        StandaloneCluster.start(
            work.resolve("cluster"),
            "sqs",
            Map.of(
                "s3.endpoint",
                server.endpoint().toString(),
                "s3.path.style.access",
                "true",
                "s3.access-key",
                S3Server.ACCESS_KEY,
                "s3.secret-key",
                S3Server.SECRET_KEY),
            Map.of(
                "AWS_ACCESS_KEY_ID",
                "test",
                "AWS_SECRET_ACCESS_KEY",
                "test",
                "AWS_EC2_METADATA_DISABLED",
                "true"));
  }

  @AfterAll
  static void stop() {
    if (cluster != null) {
      cluster.close();
    }
    if (queues != null) {
      client.close();
      queues.stopAndWait();
    }
    if (server != null) {
      server.close();
    }
  }

  @Test
  void losesAndRepeatsNothingWhenTheTaskManagerIsKilled() throws Exception {
    RunOutput output = new RunOutput(work.resolve("killed"));
    String job =
        cluster.submit(
            List.of("-p", "2"),
            List.of(
                "pretrain",
                "--input",
                BUCKET + "/images",
                "--output",
                output.path().toString(),
                "--config",
                config.toString(),
                "--set",
                "continuous.epoch-steps=5",
                "--events",
                "sqs+http://" + address + "/" + QUEUE));
    send(0);
    send(1);
    Awaitility.await().atMost(LIMIT).until(() -> cluster.rest().completedCheckpoints(job) > 0);
    cluster.taskManager().kill();
    cluster.startTaskManager();
    send(2);

    Awaitility.await("step " + STEPS)
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(100))
        .until(() -> output.lastStep() >= STEPS);
    assertThat(cluster.rest().restored(job)).isPositive();
    cluster.stop(job, output.path().resolve("savepoints"));
    Awaitility.await("deletion").atMost(LIMIT).until(() -> messages() == 0);
    assertThat(output.lastStep()).isEqualTo(STEPS);
    assertEachIsNewOnce(output);
  }

  private static void send(int burst) throws IOException {
    List<String> events = new ArrayList<>();
    events.add("{\"Event\":\"s3:TestEvent\"}");
    for (Path image : images.subList(burst * BURST, (burst + 1) * BURST)) {
      events.addAll(Collections.nCopies(2, event(image)));
    }
    Collections.shuffle(events, new Random(burst));
    events.forEach(
        event -> client.sendMessage(request -> request.queueUrl(queueUrl).messageBody(event)));
  }

  private static String event(Path image) throws IOException {
    return """
    {"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","awsRegion":"eu-central-1",
    "eventTime":"%s","eventName":"ObjectCreated:Put","s3":{"s3SchemaVersion":"1.0",
    "bucket":{"name":"%s"},"object":{"key":"%s","size":%d,"eTag":"tag-%s","sequencer":"0A"}}}]}
    """
        .formatted(
            Instant.now(),
            S3Server.BUCKET,
            URLEncoder.encode("images/" + image, StandardCharsets.UTF_8),
            Files.size(work.resolve("arriving").resolve(image)),
            image.getFileName());
  }

  /** Those that anybody would get, and those that somebody has got. */
  private static int messages() {
    return client
        .getQueueAttributes(
            request ->
                request
                    .queueUrl(queueUrl)
                    .attributeNames(
                        QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES,
                        QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE))
        .attributes()
        .values()
        .stream()
        .mapToInt(Integer::parseInt)
        .sum();
  }

  private static void assertEachIsNewOnce(RunOutput output) throws IOException {
    ArrivalLog log =
        ArrivalLogFiles.readNewest(
            new org.apache.flink.core.fs.Path(output.path().resolve("arrivals").toUri()));
    List<String> arrived = new ArrayList<>();
    log.forEachImage((id, image) -> arrived.add(image.uri()));
    assertThat(arrived)
        .containsExactlyInAnyOrderElementsOf(
            images.stream().map(image -> BUCKET + "/images/" + image).toList());
    assertThat(log.used()).isEqualTo(arrived.size());
  }
}

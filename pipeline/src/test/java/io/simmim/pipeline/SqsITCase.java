package io.simmim.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.pipeline.cluster.StandaloneCluster;
import io.simmim.pipeline.kafka.Notifications;
import io.simmim.pipeline.s3.S3Server;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
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
@Timeout(600)
class SqsITCase {
  private static final String QUEUE = "photo-events";
  private static final Duration LIMIT = Duration.ofMinutes(3);

  @TempDir static Path work;
  private static ArrivingPhotographs photographs;
  private static SQSRestServer queues;
  private static SqsClient client;
  private static String address;
  private static String queueUrl;
  private static StandaloneCluster cluster;

  @BeforeAll
  static void start() throws Exception {
    photographs = ArrivingPhotographs.prepare(work);
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
        StandaloneCluster.startWithJarInLib(
            work.resolve("cluster"),
            "sqs",
            S3Server.settings(photographs.server().endpoint()),
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
    if (photographs != null) {
      photographs.close();
    }
  }

  @Test
  void losesAndRepeatsNothingWhenTheTaskManagerIsKilled() throws Exception {
    RunOutput output = new RunOutput(work.resolve("killed"));
    String job =
        cluster.submit(
            List.of("-p", "2"),
            photographs.pretrain(output, "--events", "sqs+http://" + address + "/" + QUEUE));
    send(0);
    send(1);
    Awaitility.await().atMost(LIMIT).until(() -> cluster.rest().completedCheckpoints(job) > 0);
    cluster.taskManager().kill();
    cluster.startTaskManager();
    send(2);

    Awaitility.await("step " + ArrivingPhotographs.STEPS)
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(100))
        .until(() -> output.lastStep() >= ArrivingPhotographs.STEPS);
    assertThat(cluster.rest().restored(job)).isPositive();
    cluster.stop(job, output.path().resolve("savepoints"));
    Awaitility.await("deletion").atMost(LIMIT).until(() -> messages() == 0);
    assertThat(output.lastStep()).isEqualTo(ArrivingPhotographs.STEPS);
    assertThat(ArrivingPhotographs.newIn(output))
        .containsExactlyInAnyOrderElementsOf(photographs.uris());
  }

  private static void send(int burst) throws Exception {
    List<String> events = new ArrayList<>();
    events.add("{\"Event\":\"s3:TestEvent\"}");
    photographs.forEachOf(
        burst,
        (key, bytes, tag) ->
            events.addAll(
                Collections.nCopies(2, Notifications.text(S3Server.BUCKET, key, bytes, tag))));
    Collections.shuffle(events, new Random(burst));
    events.forEach(
        event -> client.sendMessage(request -> request.queueUrl(queueUrl).messageBody(event)));
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
}

package io.simmim.operators.sqs;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.pekko.actor.ActorSystem;
import org.elasticmq.rest.sqs.SQSRestServerBuilder;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;

/** ElasticMQ on a free port, and what its user does to queues. Sets credentials of this JVM. */
public final class SqsServer implements AutoCloseable {
  private static final int BATCH = 10;

  /** What {@code DefaultCredentialsProvider} looks at first, and the last that it looks for. */
  private static final Map<String, String> SETTINGS =
      Map.of(
          "aws.accessKeyId", "test",
          "aws.secretAccessKey", "test",
          "aws.disableEc2Metadata", "true");

  private final ActorSystem server;
  private final int port;
  private final SqsClient client;

  private SqsServer(ActorSystem server) {
    this.server = server;
    this.port =
        SQSRestServerBuilder.withActorSystem(server)
            .withInterface("127.0.0.1")
            .withDynamicPort()
            .start()
            .waitUntilStarted()
            .localAddress()
            .getPort();
    this.client =
        SqsClient.builder()
            .endpointOverride(URI.create("http://127.0.0.1:" + port))
            .region(Region.EU_CENTRAL_1)
            .httpClient(UrlConnectionHttpClient.create())
            .build();
  }

  /** Starts it. */
  public static SqsServer start() {
    setCredentials();
    return new SqsServer(ActorSystem.create("sqs"));
  }

  /** Gives this JVM credentials. */
  public static void setCredentials() {
    SETTINGS.forEach(System::setProperty);
  }

  public int port() {
    return port;
  }

  /** A queue here, whether it exists or not. */
  public SqsQueue queue(String name) {
    return SqsQueue.parse("sqs+http://127.0.0.1:%d/000000000000/%s".formatted(port, name));
  }

  /** Makes a queue. */
  public SqsQueue createQueue(String name) {
    client.createQueue(request -> request.queueName(name));
    return queue(name);
  }

  /** Makes a queue whose messages go to another one after so many receptions. */
  public SqsQueue createQueue(String name, int mostReceptions) {
    createQueue(name + "-dead");
    String policy =
        "{\"deadLetterTargetArn\":\"arn:aws:sqs:elasticmq:000000000000:%s-dead\",\"maxReceiveCount\":%d}"
            .formatted(name, mostReceptions);
    client.createQueue(
        request ->
            request.queueName(name).attributes(Map.of(QueueAttributeName.REDRIVE_POLICY, policy)));
    return queue(name);
  }

  /** Sends messages. */
  public void send(String name, String... bodies) {
    String url = url(name);
    List<SendMessageBatchRequestEntry> entries = new ArrayList<>();
    for (String body : bodies) {
      String id = Integer.toString(entries.size());
      entries.add(SendMessageBatchRequestEntry.builder().id(id).messageBody(body).build());
      if (entries.size() == BATCH) {
        client.sendMessageBatch(request -> request.queueUrl(url).entries(entries));
        entries.clear();
      }
    }
    if (!entries.isEmpty()) {
      client.sendMessageBatch(request -> request.queueUrl(url).entries(entries));
    }
  }

  /** Messages that anybody would get now. */
  public int shown(String name) {
    return count(name, QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES);
  }

  /** Messages that somebody has got and not deleted. */
  public int hidden(String name) {
    return count(name, QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE);
  }

  private int count(String name, QueueAttributeName attribute) {
    String url = url(name);
    return Integer.parseInt(
        client
            .getQueueAttributes(request -> request.queueUrl(url).attributeNames(attribute))
            .attributes()
            .get(attribute));
  }

  /** Takes a message away, for some seconds. */
  public List<String> take(String name, int seconds) {
    String url = url(name);
    return client
        .receiveMessage(request -> request.queueUrl(url).visibilityTimeout(seconds))
        .messages()
        .stream()
        .map(Message::body)
        .toList();
  }

  private String url(String name) {
    return client.getQueueUrl(request -> request.queueName(name)).queueUrl();
  }

  /** Without a word to whoever still waits: the server's own end waits up to a minute for those. */
  @Override
  public void close() {
    client.close();
    server.terminate();
    server.getWhenTerminated().toCompletableFuture().join();
  }
}

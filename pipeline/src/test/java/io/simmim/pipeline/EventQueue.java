package io.simmim.pipeline;

import java.net.URI;
import java.util.List;
import org.apache.pekko.actor.ActorSystem;
import org.elasticmq.rest.sqs.SQSRestServerBuilder;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/**
 * A queue of SQS, in a server in this JVM that listens on loopback.
 *
 * @param server actors that are the server
 * @param client of the server
 * @param url what the server calls the queue
 * @param uri what {@code --events} calls it
 */
record EventQueue(ActorSystem server, SqsClient client, String url, String uri)
    implements AutoCloseable {
  /** Starts a server with one empty queue. */
  static EventQueue start(String name) {
    ActorSystem server = ActorSystem.create("sqs");
    String address =
        "127.0.0.1:"
            + SQSRestServerBuilder.withActorSystem(server)
                .withInterface("127.0.0.1")
                .withDynamicPort()
                .start()
                .waitUntilStarted()
                .localAddress()
                .getPort();
    SqsClient client =
        SqsClient.builder()
            .endpointOverride(URI.create("http://" + address))
            .region(Region.EU_CENTRAL_1)
            .credentialsProvider(
                StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test")))
            .httpClient(UrlConnectionHttpClient.create())
            .build();
    String url = client.createQueue(request -> request.queueName(name)).queueUrl();
    return new EventQueue(server, client, url, "sqs+http://" + address + "/" + name);
  }

  void send(List<String> events) {
    events.forEach(
        event -> client.sendMessage(request -> request.queueUrl(url).messageBody(event)));
  }

  /** Those that anybody would get, and those that somebody has got. */
  int messages() {
    return client
        .getQueueAttributes(
            request ->
                request
                    .queueUrl(url)
                    .attributeNames(
                        QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES,
                        QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE))
        .attributes()
        .values()
        .stream()
        .mapToInt(Integer::parseInt)
        .sum();
  }

  /** Without a word to whoever still waits: the server's own end waits up to a minute for those. */
  @Override
  public void close() {
    client.close();
    server.terminate();
    server.getWhenTerminated().toCompletableFuture().join();
  }
}

package io.simmim.operators.sqs;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.SystemSettingsRegionProvider;
import software.amazon.awssdk.retries.DefaultRetryStrategy;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.SqsClientBuilder;
import software.amazon.awssdk.services.sqs.model.BatchResultErrorEntry;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.utils.SdkAutoCloseable;

/**
 * Asks for messages of a queue and says what is to become of them. Each call is one request, which
 * is not tried again: callers go on anyway, and know for how long.
 *
 * <p>Thread-safe. Calls fail with {@link SdkException}; those of a thread that is interrupted with
 * {@link AbortedException}, at the latest when they are answered.
 */
public final class SqsConnection implements Closeable {
  /** Messages of a request at most, as SQS has it. */
  public static final int BATCH = 10;

  /** As long as a request waits for messages: a thread that waits cannot be interrupted. */
  public static final int MAX_WAIT_SECONDS = 5;

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(5);
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(MAX_WAIT_SECONDS + 5L);

  /** What other servers are told, which do not care. */
  private static final Region ANY_REGION = Region.US_EAST_1;

  private final SqsQueue queue;
  private final AwsCredentialsProvider credentials;
  private final SqsClient client;
  private volatile String url;
  private volatile boolean hadCredentials;

  /** Makes a client without contacting any server. */
  public SqsConnection(SqsQueue queue) {
    this(queue, DefaultCredentialsProvider.builder().build());
  }

  /**
   * Makes a client with credentials from elsewhere.
   *
   * @param credentials closed with this, where they can be
   */
  SqsConnection(SqsQueue queue, AwsCredentialsProvider credentials) {
    this.queue = queue;
    this.credentials = credentials;
    SqsClientBuilder builder =
        SqsClient.builder()
            .credentialsProvider(credentials)
            .region(queue.region().map(Region::of).orElseGet(SqsConnection::toldRegion))
            .httpClientBuilder(
                UrlConnectionHttpClient.builder()
                    .connectionTimeout(CONNECT_LIMIT)
                    .socketTimeout(ANSWER_LIMIT))
            .overrideConfiguration(
                settings -> settings.retryStrategy(DefaultRetryStrategy.doNotRetry()));
    queue.endpoint().ifPresent(builder::endpointOverride);
    this.client = builder.build();
  }

  private static Region toldRegion() {
    try {
      return new SystemSettingsRegionProvider().getRegion();
    } catch (SdkClientException e) {
      return ANY_REGION;
    }
  }

  /**
   * Waits for messages, {@value #BATCH} at most.
   *
   * @param waitSeconds how long to wait for the first one, at most {@link #MAX_WAIT_SECONDS}
   * @param hidden how long nobody else gets them, in whole seconds
   */
  public List<SqsMessage> receive(int waitSeconds, Duration hidden) {
    String from = url();
    List<SqsMessage> messages = new ArrayList<>();
    for (Message message :
        client
            .receiveMessage(
                request ->
                    request
                        .queueUrl(from)
                        .maxNumberOfMessages(BATCH)
                        .waitTimeSeconds(waitSeconds)
                        .visibilityTimeout(seconds(hidden)))
            .messages()) {
      messages.add(new SqsMessage(message.messageId(), message.receiptHandle(), message.body()));
    }
    return messages;
  }

  /**
   * How often a message is received at most before it goes to a dead-letter queue; empty if it goes
   * to none. A right of its own (sqs:GetQueueAttributes) allows to ask.
   */
  public OptionalInt mostReceptions() {
    String from = url();
    String policy =
        client
            .getQueueAttributes(
                request -> request.queueUrl(from).attributeNames(QueueAttributeName.REDRIVE_POLICY))
            .attributes()
            .get(QueueAttributeName.REDRIVE_POLICY);
    try {
      int most = policy == null ? 0 : JSON.readTree(policy).path("maxReceiveCount").asInt();
      return most > 0 ? OptionalInt.of(most) : OptionalInt.empty();
    } catch (JsonProcessingException e) { // of a server that has policies of its own
      return OptionalInt.empty();
    }
  }

  private String url() {
    requireCredentials();
    if (url == null) {
      url =
          client
              .getQueueUrl(
                  request -> {
                    request.queueName(queue.name());
                    if (!queue.account().isEmpty()) {
                      request.queueOwnerAWSAccountId(queue.account());
                    }
                  })
              .queueUrl();
    }
    return url;
  }

  /** They are kept, and made anew when they expire, by a service that may be out of reach. */
  private void requireCredentials() {
    try {
      credentials.resolveCredentials();
      hadCredentials = true;
    } catch (AbortedException e) {
      throw e;
    } catch (SdkClientException e) {
      if (hadCredentials && SqsFailure.hasCause(e, IOException.class)) {
        throw e;
      }
      throw new NoCredentials(e);
    }
  }

  /**
   * Deletes messages, {@value #BATCH} at most.
   *
   * @return positions of those that are to be tried again; others are gone, or not ours any more
   */
  List<Integer> delete(List<String> receipts) {
    String from = url();
    List<DeleteMessageBatchRequestEntry> entries = new ArrayList<>();
    for (String receipt : receipts) {
      String id = Integer.toString(entries.size());
      entries.add(DeleteMessageBatchRequestEntry.builder().id(id).receiptHandle(receipt).build());
    }
    return again(
        client.deleteMessageBatch(request -> request.queueUrl(from).entries(entries)).failed());
  }

  /**
   * Hides messages from others for some time from now on, {@value #BATCH} at most.
   *
   * @param hidden in whole seconds; zero shows them
   * @return as {@link #delete} does
   */
  List<Integer> hide(List<String> receipts, Duration hidden) {
    String from = url();
    List<ChangeMessageVisibilityBatchRequestEntry> entries = new ArrayList<>();
    for (String receipt : receipts) {
      entries.add(
          ChangeMessageVisibilityBatchRequestEntry.builder()
              .id(Integer.toString(entries.size()))
              .receiptHandle(receipt)
              .visibilityTimeout(seconds(hidden))
              .build());
    }
    return again(
        client
            .changeMessageVisibilityBatch(request -> request.queueUrl(from).entries(entries))
            .failed());
  }

  private static List<Integer> again(List<BatchResultErrorEntry> failed) {
    return failed.stream()
        .filter(entry -> !Boolean.TRUE.equals(entry.senderFault()))
        .map(entry -> Integer.valueOf(entry.id()))
        .toList();
  }

  private static int seconds(Duration duration) {
    return Math.toIntExact(duration.toSeconds());
  }

  @Override
  public void close() {
    client.close();
    if (credentials instanceof SdkAutoCloseable closeable) {
      closeable.close();
    }
  }
}

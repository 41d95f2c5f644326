package io.simmim.operators.sqs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;

/** Against a server that answers as Amazon's do, which the one of the other tests cannot. */
class SqsFailureTest {
  /** Nothing listens there. */
  private static final SqsQueue NOWHERE = SqsQueue.parse("sqs+http://127.0.0.1:9/123456789012/q");

  private static final SqsQueue AMAZON = SqsQueue.parse("sqs://eu-central-1/123456789012/q");

  @BeforeEach
  void setCredentials() {
    SqsServer.setCredentials();
  }

  private record Answered(SqsQueue queue, SdkException failure) {
    String line() {
      return SqsFailure.refused("receive", queue, failure)
          .getMessage()
          .replace(queue + "", "QUEUE");
    }

    boolean isAway() {
      return SqsFailure.isAway(queue, failure);
    }
  }

  private static Answered answered(int status, String type, String message) throws IOException {
    byte[] body =
        "{\"__type\":\"%s\",\"message\":\"%s\"}"
            .formatted(type, message)
            .getBytes(StandardCharsets.UTF_8);
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          exchange.getResponseHeaders().add("Content-Type", "application/x-amz-json-1.0");
          exchange.sendResponseHeaders(status, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    SqsQueue queue =
        SqsQueue.parse(
            "sqs+http://127.0.0.1:%d/123456789012/q".formatted(server.getAddress().getPort()));
    try (SqsConnection connection = new SqsConnection(queue)) {
      return new Answered(
          queue,
          catchThrowableOfType(
              SdkException.class, () -> connection.receive(0, Duration.ofSeconds(1))));
    } finally {
      server.stop(0);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "503,ServiceUnavailable",
    "500,InternalFailure",
    "400,ThrottlingException",
    "403,RequestThrottled",
    "400,OverLimit",
  })
  void waitsForAServerThatHasTrouble(int status, String type) throws IOException {
    assertThat(answered(status, type, "not now").isAway()).isTrue();
  }

  /** A role's credentials expire while the service that gives them cannot be reached. */
  @Test
  void waitsForWhoeverRenewsCredentials() {
    SdkClientException outage =
        SdkClientException.create("cannot ask", new UnknownHostException("sts.invalid"));
    assertThat(failureWith(outage, 1)).isSameAs(outage);
    assertThat(SqsFailure.isAway(NOWHERE, outage)).isTrue();
  }

  /** Of somebody who never had any, or whose profile is gone, nothing says that it will pass. */
  @Test
  void tellsOfCredentialsThatAreNotThere() {
    SdkClientException outage =
        SdkClientException.create("cannot ask", new UnknownHostException("sts.invalid"));
    assertThat(failureWith(outage, 0)).isInstanceOf(NoCredentials.class);
    assertThat(failureWith(SdkClientException.create("no such profile"), 1))
        .isInstanceOf(NoCredentials.class);
  }

  /** What a request fails with after credentials were had so many times. */
  private static SdkException failureWith(SdkClientException failure, int times) {
    AtomicInteger left = new AtomicInteger(times);
    AwsCredentialsProvider provider =
        () -> {
          if (left.getAndDecrement() > 0) {
            return AwsBasicCredentials.create("key", "secret");
          }
          throw failure;
        };
    try (SqsConnection connection = new SqsConnection(NOWHERE, provider)) {
      SdkException last = null;
      for (int i = 0; i <= times; i++) {
        last =
            catchThrowableOfType(
                SdkException.class, () -> connection.receive(0, Duration.ofSeconds(1)));
      }
      return last;
    }
  }

  @ParameterizedTest
  @CsvSource({
    "403,AccessDeniedException",
    "400,AccessDenied",
  })
  void tellsOfMissingRights(int status, String type) throws IOException {
    Answered answered = answered(status, type, "User: x is not authorized");

    assertThat(answered.isAway()).isFalse();
    assertThat(answered.line())
        .isEqualTo(
            "QUEUE does not allow to receive messages: User: x is not authorized (needed:"
                + " sqs:GetQueueUrl, sqs:ReceiveMessage, sqs:DeleteMessage,"
                + " sqs:ChangeMessageVisibility)");
  }

  @ParameterizedTest
  @CsvSource({
    "403,com.amazon.coral.service#InvalidClientTokenId",
    "400,com.amazon.coral.service#UnrecognizedClientException",
    "403,InvalidSignatureException",
    "403,ExpiredToken",
  })
  void tellsOfCredentialsThatAreRefused(int status, String type) throws IOException {
    Answered answered = answered(status, type, "The token is invalid.");

    assertThat(answered.isAway()).isFalse();
    assertThat(answered.line())
        .isEqualTo("QUEUE refuses the AWS credentials: The token is invalid.");
  }

  @ParameterizedTest
  @CsvSource({
    "400,com.amazonaws.sqs#QueueDoesNotExist",
    "400,com.amazonaws.sqs#AWS.SimpleQueueService.NonExistentQueue"
  })
  void tellsOfAQueueThatIsMissing(int status, String type) throws IOException {
    Answered answered = answered(status, type, "The specified queue does not exist.");

    assertThat(answered.isAway()).isFalse();
    assertThat(answered.line()).contains("queue").hasLineCount(1);
  }

  @Test
  void tellsWhatElseIsRefusedInOneLine() throws IOException {
    Answered answered = answered(400, "UnsupportedOperation", "first\\nsecond");

    assertThat(answered.isAway()).isFalse();
    assertThat(answered.line()).isEqualTo("cannot receive messages of QUEUE: first");
  }

  @Test
  void tellsARegionThatNobodyKnowsFromANetworkThatIsAway() {
    SdkException failure =
        SdkClientException.create("no address", new UnknownHostException("sqs.eu-centra-1"));
    SqsQueue misspelt = SqsQueue.parse("sqs://eu-centra-1/123456789012/q");

    assertThat(SqsFailure.isAway(AMAZON, failure)).isTrue();
    assertThat(SqsFailure.isAway(misspelt, SdkClientException.create("timed out"))).isTrue();
    assertThat(SqsFailure.isAway(misspelt, failure)).isFalse();
    assertThat(SqsFailure.refused("receive", misspelt, failure))
        .hasMessage(
            "there is no SQS in a region eu-centra-1, as far as anybody knows: %s"
                .formatted(misspelt));
  }

  @Test
  void tellsWhereItLookedForCredentials() {
    assumeThat(System.getenv())
        .doesNotContainKeys(
            "AWS_ACCESS_KEY_ID",
            "AWS_WEB_IDENTITY_TOKEN_FILE",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI");
    Map<String, String> none =
        Map.of(
            "aws.sharedCredentialsFile", "/nowhere",
            "aws.configFile", "/nowhere");
    none.forEach(System::setProperty);
    System.clearProperty("aws.accessKeyId");
    SqsQueue queue = SqsQueue.parse("sqs+http://127.0.0.1:1/q");
    try (SqsConnection connection = new SqsConnection(queue)) {
      SdkException failure =
          catchThrowableOfType(
              SdkException.class, () -> connection.receive(0, Duration.ofSeconds(1)));

      assertThat(SqsFailure.isAway(queue, failure)).isFalse();
      assertThat(SqsFailure.refused("receive", queue, failure))
          .hasMessage(
              "no AWS credentials to read sqs+http://127.0.0.1:1/q with (looked for:"
                  + " AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a web identity, a profile, the"
                  + " container's or machine's role)");
    } finally {
      none.keySet().forEach(System::clearProperty);
      SqsServer.setCredentials();
    }
  }
}

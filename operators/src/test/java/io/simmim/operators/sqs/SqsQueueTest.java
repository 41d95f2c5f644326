package io.simmim.operators.sqs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.schemas.UserError;
import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SqsQueueTest {
  @Test
  void isAtAmazonByRegion() {
    SqsQueue queue = SqsQueue.parse("sqs://us-gov-west-1/123456789012/photo-events_1");

    assertThat(queue)
        .isEqualTo(new SqsQueue("sqs", "us-gov-west-1", "123456789012", "photo-events_1"));
    assertThat(queue.region()).contains("us-gov-west-1");
    assertThat(queue.endpoint()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "sqs+http://127.0.0.1:9324/000000000000/q,http://127.0.0.1:9324,000000000000",
    "sqs+http://h/q,http://h,''",
    "sqs+https://[::1]:65535/q,https://[::1]:65535,''",
    "sqs+https://vpce-0.sqs.eu-west-1.vpce.amazonaws.com/123456789012/q,https://vpce-0.sqs.eu-west-1.vpce.amazonaws.com,123456789012",
  })
  void isElsewhereByAddress(String uri, String endpoint, String account) {
    SqsQueue queue = SqsQueue.parse(uri);

    assertThat(queue.endpoint()).contains(URI.create(endpoint));
    assertThat(queue.account()).isEqualTo(account);
    assertThat(queue.region()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sqs://eu-central-1/123456789012/q",
        "sqs+http://h:1/q",
        "sqs+https://h:1/123456789012/q"
      })
  void isItsUri(String uri) {
    assertThat(SqsQueue.parse(uri)).hasToString(uri);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "sqs:eu-central-1 | not the URI of an SQS queue:",
        "sqs://eu-central-1 | not the URI of an SQS queue:",
        "sqs+ftp://h/q | not the URI of an SQS queue:",
        "sqs://h/1/2/q | not the URI of an SQS queue:",
        "sqs://Europe/123456789012/q | not a region such as eu-central-1: 'Europe' in",
        "sqs:///123456789012/q | not a region such as eu-central-1: '' in",
        "sqs://sqs.eu-central-1.amazonaws.com/123456789012/q | not a region such as eu-central-1:"
            + " 'sqs.eu-central-1.amazonaws.com' in",
        "sqs://eu-central-1/q | an account must have 12 digits: '' in",
        "sqs://eu-central-1/12345678901/q | an account must have 12 digits: '12345678901' in",
        "sqs+http://h//q | an account must have 12 digits: '' in",
        "sqs+http://h:0/q | not host[:port]: 'h:0' in",
        "sqs+http://h:65536/q | not host[:port]: 'h:65536' in",
        "sqs+http://-h/q | not host[:port]: '-h' in",
        "sqs+http:///q | not host[:port]: '' in",
        "sqs://eu-central-1/123456789012/ | the name of a queue must have 1 to 80 letters, digits,"
            + " '_' and '-': '' in",
        "sqs://eu-central-1/123456789012/a.b | the name of a queue must have 1 to 80 letters,"
            + " digits, '_' and '-': 'a.b' in",
        "sqs://eu-central-1/123456789012/q.fifo | a FIFO queue hands nothing more out until what it"
            + " handed out is deleted; S3 needs a standard one:",
      })
  void refusesWhatCannotBe(String uri, String reason) {
    assertThatThrownBy(() -> SqsQueue.parse(uri))
        .isInstanceOf(UserError.class)
        .hasMessage("%s %s (allowed: %s)".formatted(reason, uri, SqsQueue.ALLOWED));
  }

  @Test
  void refusesCredentialsWithoutShowingThem() {
    assertThatThrownBy(() -> SqsQueue.parse("sqs+http://me:5ecret@h/q"))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "the URI of an SQS queue must not hold credentials (allowed: %s)"
                .formatted(SqsQueue.ALLOWED));
  }
}

package io.simmim.operators.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.schemas.UserError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KafkaTopicTest {
  private static final String ALLOWED = " (allowed: kafka://host:port[,host:port...]/topic)";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "kafka://broker:9092/images|broker:9092|images",
        "kafka://a.b-c.example:1,d_e:65535/My.topic_1-2|a.b-c.example:1,d_e:65535|My.topic_1-2",
        "kafka://10.0.0.1:9092,[2001:db8::1]:9093/...|10.0.0.1:9092,[2001:db8::1]:9093|...",
      })
  void takesBrokersAndTopicApart(String uri, String brokers, String topic) {
    assertThat(KafkaTopic.parse(uri)).isEqualTo(new KafkaTopic(brokers, topic)).hasToString(uri);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "kafka://a:1,b:1/t|true",
        "kafka://c:1,b:1,a:1/t|true",
        "kafka://b:1,d:1/t|true",
        "kafka://a:1,b:1/u|false",
        "kafka://a:2,b:2/t|false",
        "kafka://d:1/t|false",
      })
  void isTheSameWithOtherBrokersBesideOneOfThem(String uri, boolean same) {
    KafkaTopic topic = KafkaTopic.parse("kafka://a:1,b:1/t");

    assertThat(KafkaTopic.parse(uri).isSame(topic)).isEqualTo(same);
    assertThat(topic.isSame(KafkaTopic.parse(uri))).isEqualTo(same);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "images", "kafka:/b:1/t", "KAFKA://b:1/t", "http://b:1/t", "b:1/t"})
  void refusesOtherUris(String uri) {
    assertRefused(uri, "not the URI of a Kafka topic: " + uri);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "b",
        "",
        "b:",
        ":9092",
        "b:9092:1",
        "b c:1",
        "::1:9092",
        "[host]:1",
        "b:9o",
        "-b:1"
      })
  void refusesWhatIsNoBroker(String broker) {
    String uri = "kafka://a:1," + broker + "/t";

    assertRefused(uri, "a Kafka broker must be host:port: '" + broker + "' in " + uri);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 65_536, 99_999})
  void refusesPortsThatDoNotExist(int port) {
    String uri = "kafka://b:" + port + "/t";

    assertRefused(uri, "a port must be from 1 to 65535: " + port + " in " + uri);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/", "/.", "/..", "/a/b", "/a b", "/a?b", "/ä", "/a,b"})
  void refusesWhatKafkaTakesForNoName(String topic) {
    String uri = "kafka://b:1" + topic;

    assertRefused(
        uri,
        "the name of a Kafka topic must have 1 to 249 letters, digits, '.', '_' and '-': " + uri);
  }

  @Test
  void limitsTheLengthOfNames() {
    assertThat(KafkaTopic.parse("kafka://b:1/" + "a".repeat(249)).topic()).hasSize(249);
    assertThatThrownBy(() -> KafkaTopic.parse("kafka://b:1/" + "a".repeat(250)))
        .isInstanceOf(UserError.class);
  }

  @Test
  void refusesCredentialsWithoutShowingThem() {
    assertRefused("kafka://user:pass@b:1/t", "the URI of a Kafka topic must not hold credentials");
  }

  private static void assertRefused(String uri, String message) {
    assertThatThrownBy(() -> KafkaTopic.parse(uri))
        .isInstanceOf(UserError.class)
        .hasMessage(message + ALLOWED);
  }
}

package io.simmim.pipeline.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.schemas.UserError;
import io.simmim.trainer.optimizer.ScheduleType;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ContinuousConfigTest {
  private static final String FOLLOW = "continuous.follow=true";

  private static SimmimConfig load(String... assignments) {
    return new ConfigLoader().preset("vit-tiny").set(List.of(assignments)).load().config();
  }

  @Test
  void hasTheScheduleOfARunWithoutEnd() {
    assertThat(load().schedule().type()).isNotEqualTo(ScheduleType.CONSTANT);
    assertThat(load().continuous().isOn()).isFalse();
    for (String on :
        List.of(
            FOLLOW,
            "continuous.decay-steps=1",
            "continuous.events=kafka://h:1/t",
            "continuous.events=sqs://eu-central-1/123456789012/photo-events")) {
      assertThat(load(on).continuous().isOn()).isTrue();
      assertThat(load(on).schedule().type()).isEqualTo(ScheduleType.CONSTANT);
    }
    assertThat(load(FOLLOW, "schedule.type=constant").schedule().type())
        .isEqualTo(ScheduleType.CONSTANT);
  }

  @Test
  void countsEpochsInSteps() {
    SimmimConfig config =
        load(
            FOLLOW,
            "continuous.epoch-steps=7",
            "training.micro-batch=8",
            "schedule.warmup-epochs=500");

    assertThat(config.continuousPlan().stepsPerEpoch()).isEqualTo(7);
    assertThat(config.continuousPlan().globalBatch()).isEqualTo(8);
    assertThat(config.continuousPlan().isEndless()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "schedule.type=cosine | schedule.type of a continuous run must be constant (--decay-steps"
            + " ends it): cosine",
        "target.type=clusters;loss.type=cross-entropy | a continuous run has no images yet to find"
            + " colours in: target.cluster-file must be given",
        "continuous.replay-share=1.0 | continuous.replay-share must be at least 0 and below 1: 1.0",
        "continuous.follow-interval=0s | continuous.follow-interval must be at least 1ms: 0ms",
        "continuous.max-waiting=0 | continuous.max-waiting and continuous.epoch-steps must be at"
            + " least 1: 0, 1000",
        "continuous.max-waiting=7;training.micro-batch=8 | continuous.max-waiting must be at least"
            + " the 8 images of a chunk: 7",
        "continuous.epoch-steps=0 | continuous.max-waiting and continuous.epoch-steps must be at"
            + " least 1: 10000, 0",
        "continuous.decay-steps=1000000001 | continuous.decay-steps must be from 0 to 1000000000: 1000000001",
        "continuous.decay-steps=-1 | continuous.decay-steps must be from 0 to 1000000000: -1",
        "continuous.events=news | events: not the URI of a topic or queue: news (allowed:"
            + " kafka://host:port[,host:port...]/topic, sqs://region/account/queue, or"
            + " sqs+https://host[:port]/[account/]queue of another server)",
        "continuous.events=kafka://news | continuous.events: a Kafka broker must be host:port:"
            + " 'news' in kafka://news",
        "continuous.events=sqs://eu-central-1/news | continuous.events: an account must have 12"
            + " digits: '' in",
        "continuous.events=sqs+http://h/news;continuous.events-start=latest | continuous.events: a"
            + " queue has no end to begin at: continuous.events-start must be earliest for"
            + " sqs+http://h/news",
        "continuous.when-idle=sleep | continuous.when-idle must be one of replay, wait: sleep",
        "training.epochs=1000001 | training.epochs must be from 1 to 1000000: 1000001"
      })
  void refusesWhatCannotGoOn(String assignment, String message) {
    assertThatThrownBy(() -> load((FOLLOW + ";" + assignment).split(";")))
        .isInstanceOf(UserError.class)
        .hasMessageContaining(message);
  }
}

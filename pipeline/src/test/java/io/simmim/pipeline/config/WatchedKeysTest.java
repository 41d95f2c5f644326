package io.simmim.pipeline.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.schemas.UserError;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code pictures.*}, {@code eval.*} and {@code mlflow.*}. */
class WatchedKeysTest {
  private static SimmimConfig load(String... assignments) {
    return new ConfigLoader().set(List.of(assignments)).load().config();
  }

  private static void assertRefused(String message, String... assignments) {
    assertThatThrownBy(() -> load(assignments)).isInstanceOf(UserError.class).hasMessage(message);
  }

  @Test
  void nothingIsLookedAtUnlessAsked() {
    assertThat(load().copies().isOn()).isFalse();
    assertThat(load("pictures.every-steps=5").copies().isOn()).isTrue();
    assertThat(load("eval.every-epochs=5").copies().isOn()).isTrue();
  }

  @Test
  void valuesHaveLimits() {
    assertRefused("pictures.every-steps must be at least 0: -1", "pictures.every-steps=-1");
    assertRefused(
        "tensorboard.histograms-every-steps must be at least 0: -1",
        "tensorboard.histograms-every-steps=-1");
    assertRefused(
        "tensorboard.histograms-every-steps must be 0 where tensorboard.enabled is false: 5",
        "tensorboard.enabled=false",
        "tensorboard.histograms-every-steps=5");
    assertRefused("pictures.images must be from 1 to 16: 17", "pictures.images=17");
    assertRefused("pictures.images must be from 1 to 16: 0", "pictures.images=0");
    assertRefused("eval.every-epochs must be at least 0: -1", "eval.every-epochs=-1");
    assertRefused("eval.rank-images must be from 2 to 10000: 1", "eval.rank-images=1");
    assertRefused("pictures.input must hold URIs that are not empty: []", "pictures.input=['']");
  }

  @Test
  void neighboursNeedTwoSets() {
    assertRefused(
        "eval.input and eval.validation must both be given or none; missing: eval.validation",
        "eval.input=[a]");
    assertRefused(
        "eval.input and eval.validation must both be given or none; missing: eval.input",
        "eval.validation=[a]");
  }

  @Test
  void linearClassifiersNeedClassesAndHaveAnEnd() {
    assertRefused("eval.probe-epochs must be from 0 to 1000: -1", "eval.probe-epochs=-1");
    assertRefused(
        "eval.probe-epochs must be from 0 to 1000: 1001",
        "eval.probe-epochs=1001",
        "eval.input=[a]",
        "eval.validation=[b]");
    assertRefused(
        "eval.probe-epochs needs images with classes: eval.input and eval.validation must be given",
        "eval.probe-epochs=5");
  }

  @Test
  void aFineTuningHasItsOwnValidation() {
    assertRefused(
        "pictures.every-steps and eval.every-epochs are for pre-training, and must be 0 in a fine-tuning: 5, 0",
        "finetune.validation=[a]",
        "pictures.every-steps=5");
  }

  @Test
  void imagesThatKeepArrivingAreNoListToDrawFrom() {
    String[] follow = {"continuous.follow=true", "schedule.type=constant"};
    assertRefused(
        "a continuous run has no images yet to draw from: pictures.input must be given",
        follow[0],
        follow[1],
        "pictures.every-steps=5");
    assertRefused(
        "a continuous run has no images yet to draw from: eval.input and eval.validation must be given",
        follow[0],
        follow[1],
        "eval.every-epochs=5");
  }

  @Test
  void aResumedRunMayHaveOthers() {
    assertThat(
            ConfigText.identity(
                load(
                    "pictures.every-steps=5",
                    "eval.every-epochs=1",
                    "tensorboard.histograms-every-steps=5")))
        .isEqualTo(ConfigText.identity(load()));
  }

  @Test
  void aTrackingServerHasAnAddressOfTheWeb() {
    assertThat(load().mlflow().isOn()).isFalse();
    for (String given : List.of("http://host:5000", "https://host/mlflow", "HTTPS://host")) {
      assertThat(load("mlflow.tracking-uri=" + given + "/").mlflow().server()).hasToString(given);
    }
    for (String refused : List.of("file:/tmp/mlruns", "databricks", "http:///a", "http://a?b")) {
      assertRefused(
          "mlflow.tracking-uri must be the address of a tracking server, http://host[:port][/path] or https://host[:port][/path]: "
              + refused,
          "mlflow.tracking-uri=" + refused);
    }
    assertRefused(
        "mlflow.experiment must be a name of 1 to 500 characters:  ", "mlflow.experiment=' '");
  }

  @Test
  void credentialsOfATrackingServerAreNotRepeated() {
    assertRefused(
        "mlflow.tracking-uri must not hold a user or a password (allowed: the environment variables"
            + " MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN)",
        "mlflow.tracking-uri=https://ada:lovelace@host");
    for (String host : List.of("no_host_name", "host name")) {
      assertRefused(
          "mlflow.tracking-uri must be the address of a tracking server, http://host[:port][/path] or https://host[:port][/path]: http://******@"
              + host,
          "mlflow.tracking-uri='http://ada:lovelace@%s'".formatted(host));
    }
  }
}

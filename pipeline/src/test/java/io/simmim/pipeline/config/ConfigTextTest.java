package io.simmim.pipeline.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.schemas.Normalization;
import io.simmim.schemas.UserError;
import io.simmim.trainer.operator.ConfigurationIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigTextTest {
  @TempDir private Path folder;

  @Test
  void whatIsWrittenCanBeReadAgain() throws IOException {
    SimmimConfig config = config("schedule.milestones=[3]", "checkpoint.interval=90s");
    Path file = Files.writeString(folder.resolve("config.yaml"), ConfigText.yaml(config));

    assertThat(new ConfigLoader().file(file).load().config()).isEqualTo(config);
  }

  @Test
  void modelsAreShownImagesAsConfigured() {
    SimmimConfig half = config("image.mean=[0.5, 0.25, 1]", "image.std=[0.5, 1, 2]");
    Normalization expected = new Normalization(List.of(0.5, 0.25, 1.0), List.of(0.5, 1.0, 2.0));

    assertThat(half.model().normalization()).isEqualTo(expected);
    assertThat(half.classifier(2).normalization()).isEqualTo(expected);
    assertThat(config().model().normalization()).isEqualTo(Normalization.IMAGENET);
    assertThatThrownBy(() -> config("image.std=[0.5, 0, 0.5]"))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "image.std must be three numbers (red, green, blue) from 0.001 to 10.0: [0.5, 0.0, 0.5]");
    assertThatThrownBy(() -> config("image.mean=[0.5, half, 0.5]"))
        .isInstanceOf(UserError.class)
        .hasMessage("image.mean[1] must be a number: half");
  }

  /** With nothing but the model said. */
  @Test
  void fineTuningShowsImagesAsItsModelKnowsThem() {
    Normalization half = new Normalization(List.of(0.5, 0.5, 0.5), List.of(0.5, 0.5, 0.5));
    ConfigLoader loader = new ConfigLoader().finetuning();

    loader.model(config().model().withNormalization(half)).validation(List.of("file:/images"));

    assertThat(loader.load().config().classifier(2).normalization()).isEqualTo(half);
  }

  /** A run that leaves them alone is named as before they were there. */
  @Test
  void namesNewChoicesOnlyWhereTheyAreMade() {
    ConfigurationIdentity plain = ConfigText.identity(config());
    ConfigurationIdentity half = ConfigText.identity(config("image.mean=[0.5, 0.5, 0.5]"));

    assertThat(plain.values())
        .doesNotContainKeys("image.mean", "image.std", "encoder.pretrained-window-sizes");
    assertThat(plain.defaults())
        .doesNotContainKeys("image.mean", "image.std", "encoder.pretrained-window-sizes");
    assertThat(half.differencesFrom(plain))
        .containsExactly("image.mean: not in the checkpoint, [0.5, 0.5, 0.5] now");
    assertThat(plain.differencesFrom(half))
        .containsExactly("image.mean: [0.5, 0.5, 0.5] in the checkpoint, none now");
  }

  @Test
  void credentialsInUrisAreRedacted() {
    String yaml =
        ConfigText.yaml(
            config("data.input=['s3://user:p@55@bucket/images']", "output=s3://key@bucket/out"));

    assertThat(yaml)
        .contains("s3://******@bucket/images", "output: s3://******@bucket/out")
        .doesNotContain("pa55", "user", "key@");
  }

  @Test
  void containersInAzuresUrisStay() {
    String uri = "abfss://images@account.dfs.core.windows.net/train";

    assertThat(ConfigText.yaml(config("data.input=['" + uri + "']"))).contains(uri);
  }

  @Test
  void secretsOfKafkaAreRedactedAndTheRestIsKept() throws IOException {
    SimmimConfig config =
        config(
            "kafka.security.protocol=SASL_SSL",
            "kafka.sasl.jaas.config=org.example.Login required password=\"5ecret\";",
            "kafka.ssl.key.password=5ecret",
            "kafka.ssl.keystore.key=5ecret",
            "kafka.ssl.truststore.location=/etc/ca.jks");

    assertThat(config.kafka().values()).containsEntry("ssl.key.password", "5ecret");
    assertThat(config.toString()).doesNotContain("5ecret");
    assertThat(ConfigText.yaml(config))
        .contains("security.protocol: SASL_SSL", "ssl.truststore.location: /etc/ca.jks")
        .doesNotContain("5ecret");
    assertThat(ConfigText.identity(config)).isEqualTo(ConfigText.identity(config()));
  }

  @Test
  void whateverKafkaDefinesAsAPasswordIsASecret() {
    List<String> passwords =
        Stream.of(ConsumerConfig.configDef(), ProducerConfig.configDef())
            .flatMap(definition -> definition.configKeys().values().stream())
            .filter(key -> key.type == ConfigDef.Type.PASSWORD)
            .map(key -> key.name)
            .toList();

    assertThat(passwords).contains("sasl.jaas.config", "ssl.keystore.key").hasSizeGreaterThan(8);
    assertThat(passwords).allMatch(KafkaOptions::isSecret);
    assertThat(KafkaOptions.isSecret("my.handler.client-secret")).isTrue();
    assertThat(KafkaOptions.isSecret("security.protocol")).isFalse();
  }

  /** One that is a secret must be redacted where the configuration is shown, and told so here. */
  @Test
  void noKeyOfOurOwnLooksLikeASecret() {
    assertThat(ConfigText.flat(config()).keySet()).noneMatch(ConfigText::looksSecret);
  }

  @Test
  void refusesWhatKafkaCannotDo() {
    assertThatThrownBy(() -> config("kafka.group.id=mine"))
        .isInstanceOf(UserError.class)
        .hasMessageStartingWith("kafka.group.id cannot be set (these are fixed: ");
    assertThatThrownBy(() -> config("reject.topic=dead-letters"))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "reject.topic: not the URI of a Kafka topic: dead-letters"
                + " (allowed: kafka://host:port[,host:port...]/topic)");
  }

  @Test
  void secretsOfFlinkAreRedactedAndTheRestIsKept() throws IOException {
    SimmimConfig config =
        config(
            "flink.s3.endpoint=http://minio:9000",
            "flink.s3.endpoint.region=eu-west-1",
            "flink.s3.access.key=AKIA",
            "flink.s3.secret-key=0123",
            "flink.fs.azure.account.key.me.blob.core.windows.net=5ecret");

    assertThat(config.flink().values()).containsEntry("s3.secret-key", "0123");
    assertThat(config.toString()).doesNotContain("0123", "AKIA", "5ecret");
    assertThat(ConfigText.yaml(config))
        .contains("s3.endpoint: http://minio:9000", "s3.endpoint.region: eu-west-1")
        .doesNotContain("0123", "AKIA", "5ecret");
    assertThat(ConfigText.flat(config))
        .containsEntry("flink.s3.endpoint", "http://minio:9000")
        .containsEntry("flink.s3.secret-key", "******");
    assertThat(ConfigText.identity(config)).isEqualTo(ConfigText.identity(config()));

    Path file =
        Files.writeString(
            folder.resolve("flink.yaml"), "flink:\n  s3:\n    path.style.access: true\n");
    assertThat(new ConfigLoader().file(file).load().config().flink().values())
        .containsExactly(Map.entry("s3.path.style.access", "true"));
  }

  @Test
  void identityHoldsWhatTheTrainingSequenceDependsOn() {
    ConfigurationIdentity identity = ConfigText.identity(config("encoder.depth=6"));

    assertThat(identity.values())
        .containsKeys(
            "seed",
            "data.shuffle",
            "image.size",
            "image.flip-probability",
            "mask.strategy",
            "mask.ratio",
            "mask.square-place",
            "encoder.depth",
            "encoder.window-size",
            "objective.type",
            "head.type",
            "target.type",
            "target.downsampling",
            "target.norm-patch-size",
            "loss.type",
            "loss.area",
            "optimizer.beta1",
            "schedule.type",
            "schedule.reference-batch",
            "schedule.milestone-shares",
            "training.epochs",
            "training.micro-batch",
            "training.accumulation",
            "training.precision")
        .containsEntry("encoder.depth", "6")
        .containsEntry("training.chunk-images", "16");
    assertThat(identity.defaults())
        .containsOnlyKeys(identity.values().keySet())
        .containsEntry("encoder.depth", "12");
  }

  @Test
  void identityOfAContinuousRunHasItsOwnDefaults() {
    ConfigurationIdentity identity =
        ConfigText.identity(config("continuous.follow=true", "continuous.replay-share=0.25"));

    assertThat(identity.defaults())
        .containsOnlyKeys(identity.values().keySet())
        .containsEntry("continuous.replay-share", "0.5")
        .containsEntry("schedule.type", "constant");
  }

  @Test
  void identityLeavesOutWhatMayChange() {
    SimmimConfig other =
        config(
            "parallelism=3",
            "output=elsewhere",
            "data.input=[elsewhere]",
            "fetch.concurrency=3",
            "training.threads=1",
            "training.recompute=true",
            "training.device=gpu0",
            "checkpoint.interval=1s",
            "checkpoint.retained=9",
            "export.every-epochs=3",
            "reject.max-share=0.5");

    assertThat(ConfigText.identity(other)).isEqualTo(ConfigText.identity(config()));
  }

  @Test
  void identityHoldsWhatAMaskFileSaysNotItsName() throws IOException {
    Path first = Files.writeString(folder.resolve("a.txt"), "10\n01\n");
    Path same = Files.writeString(folder.resolve("b.txt"), "1 0\n0 1");
    Path other = Files.writeString(folder.resolve("c.txt"), "10\n00\n");

    assertThat(masked(first)).isEqualTo(masked(same)).isNotEqualTo(masked(other));
    assertThat(masked(first).get("mask.file")).matches("sha256:[0-9a-f]{64}");
  }

  private static Map<String, String> masked(Path file) {
    return ConfigText.identity(
            config("mask.strategy=file", "mask.patch-size=96", "mask.file=" + file))
        .values();
  }

  private static SimmimConfig config(String... assignments) {
    return new ConfigLoader().set(List.of(assignments)).load().config();
  }
}

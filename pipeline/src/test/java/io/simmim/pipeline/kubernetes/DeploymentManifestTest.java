package io.simmim.pipeline.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.simmim.pipeline.config.ConfigLoader;
import io.simmim.pipeline.config.Presets;
import io.simmim.pipeline.config.SimmimConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DeploymentManifestTest {
  private static final List<String> GPU_BF16 =
      List.of("training.precision=bf16", "training.device=gpu0");

  static List<String> presets() {
    return Presets.names();
  }

  /** The command is in its first lines. */
  @Test
  void theManifestOfTheFolderIsWhatTheCommandPrints() throws IOException {
    assertThat(print("vit-base-800ep", GPU_BF16))
        .isEqualTo(Files.readString(Manifests.FOLDER.resolve("flinkdeployment.yaml")));
  }

  @Test
  void tellsTheWholeCommandThatPrintedIt() {
    List<String> settings = List.of("training.device=cpu");
    SimmimConfig config = config("vit-tiny", settings);

    assertThat(
            new DeploymentManifest("a", "b:1", "vit-tiny", settings, List.of("s3://c"), "s3://d")
                .yaml(config))
        .contains(
            "\n#   bin/simmim k8s --name a --image b:1 --preset vit-tiny --input s3://c"
                + " --output s3://d --set training.device=cpu\n");
    assertThat(
            new DeploymentManifest(
                    "simmim", "simmim:cpu", "vit-tiny", settings, List.of("s3://c"), "s3://d")
                .yaml(config))
        .contains("\n#   bin/simmim k8s --preset vit-tiny --input s3://c");
  }

  @ParameterizedTest
  @MethodSource("presets")
  void everyPresetHasOne(String preset) throws IOException {
    String text = print(preset, List.of("training.device=gpu0"));
    JsonNode deployment = Manifests.YAML.readTree(text);

    assertThat(text).doesNotContain("${");
    assertThat(deployment.at("/spec/job/parallelism").asText())
        .isEqualTo(
            deployment.at("/spec/flinkConfiguration/taskmanager.numberOfTaskSlots").asText());
    assertThat(deployment.at("/spec/taskManager/resource/cpu").asInt()).isBetween(4, 16);
  }

  /** Parameters as published: paper, table 8 of Swin V2, and model cards. */
  @Test
  void memoryFollowsFromTheModel() {
    PodResources base = needs("vit-base-800ep", "training.device=gpu0");
    PodResources giant = needs("swinv2-giant-20ep", "training.device=gpu0");
    PodResources cpu = needs("vit-base-800ep", "training.device=cpu");

    assertThat(base.parameters()).isBetween(85_000_000L, 88_000_000L);
    assertThat(giant.parameters()).isBetween(2_950_000_000L, 3_050_000_000L);
    // 32 bytes a parameter: weights, gradients, moments, and a copy within an accumulation.
    assertThat(giant.deviceMiB()).isGreaterThan((32 * giant.parameters()) >> 20);
    assertThat(cpu.deviceMiB()).isZero();
    assertThat(cpu.nativeMiB()).isGreaterThan(base.nativeMiB());
  }

  /** Measured, without CUDA's own part: docs/benchmarks.md, "Training step on a GPU". */
  @Test
  void activationsAreRatherTooManyThanTooFew() {
    assertBetween("vit-base-800ep", "fp32", 128, 13.8);
    assertBetween("vit-base-800ep", "bf16", 128, 7.8);
    assertBetween("swin-base-800ep", "fp32", 64, 9.2);
    assertBetween("swin-base-800ep", "bf16", 64, 5.3);
    assertBetween("swinv2-base-800ep", "fp32", 64, 11.1);
    assertBetween("swinv2-base-800ep", "bf16", 64, 7.4);
  }

  private static void assertBetween(
      String preset, String precision, int batch, double measuredGiB) {
    SimmimConfig config = config(preset, List.of("training.precision=" + precision));
    assertThat(StepEstimate.of(config).activationBytes() * batch / (1 << 30))
        .as("%s in %s", preset, precision)
        .isBetween(measuredGiB, 2 * measuredGiB);
  }

  @Test
  void refusesANameThatKubernetesWouldRefuse() {
    assertThatThrownBy(
            () -> new DeploymentManifest("My run", "a", "b", List.of(), List.of("c"), "d"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "--name must be at most 45 lower-case letters, digits and -, and begin with a letter: My run");
  }

  @Test
  void whatTheUserWroteStaysText() throws IOException {
    String odd = "s3://b/it's: a \"folder\" # no comment\nmode: standalone";
    JsonNode deployment =
        Manifests.YAML.readTree(
            new DeploymentManifest("a", "yes", "vit-tiny", List.of("seed=1"), List.of(odd), "{d}")
                .yaml(config("vit-tiny", List.of())));

    assertThat(deployment.at("/spec/job/args"))
        .extracting(JsonNode::textValue)
        .containsExactly(
            "pretrain",
            "--preset",
            "vit-tiny",
            "--input",
            odd,
            "--output",
            "{d}",
            "--set",
            "seed=1");
    assertThat(deployment.at("/spec/flinkConfiguration/high-availability.storageDir").textValue())
        .isEqualTo("{d}/ha");
    assertThat(deployment.has("mode")).isFalse();
    assertThat(deployment.at("/spec/image").textValue()).isEqualTo("yes");
  }

  private static String print(String preset, List<String> settings) {
    return new DeploymentManifest(
            "simmim",
            "simmim:gpu",
            preset,
            settings,
            List.of("s3://BUCKET/images"),
            "s3://BUCKET/runs/" + preset)
        .yaml(config(preset, settings));
  }

  private static PodResources needs(String preset, String setting) {
    return PodResources.of(config(preset, List.of(setting)));
  }

  private static SimmimConfig config(String preset, List<String> settings) {
    return new ConfigLoader().preset(preset).set(settings).load().config();
  }
}

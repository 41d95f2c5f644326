package io.simmim.pipeline.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code kubectl kustomize} makes of the folder; needs kubectl, but no cluster. */
class KustomizeTest {
  @TempDir private Path copy;

  @BeforeEach
  void requireKubectl() throws IOException {
    boolean found =
        Stream.of(System.getenv("PATH").split(File.pathSeparator))
            .anyMatch(folder -> Files.isExecutable(Path.of(folder, "kubectl")));
    assumeTrue(found, "kubectl is not here");
    FileUtils.copyDirectory(Manifests.FOLDER.toFile(), copy.toFile());
  }

  @Test
  void allComponentsTogetherChangeTheDeploymentAndAddTheirOwn() throws Exception {
    Path file = copy.resolve("kustomization.yaml");
    Files.writeString(
        file,
        Files.readString(file)
            .replace("components: []", "components: [preemptible, monitoring, autoscaler]"));
    List<JsonNode> built = kustomize(copy);
    JsonNode deployment = of("FlinkDeployment", built);
    JsonNode settings = deployment.at("/spec/flinkConfiguration");
    JsonNode pod = deployment.at("/spec/taskManager/podTemplate/spec");

    assertThat(built)
        .extracting(tree -> tree.path("kind").asText())
        .containsExactlyInAnyOrder("ConfigMap", "FlinkDeployment", "PodMonitor", "PrometheusRule");
    assertThat(settings.path("execution.checkpointing.interval").asText()).isEqualTo("2 min");
    assertThat(settings.path("job.autoscaler.scaling.enabled").asText()).isEqualTo("false");
    assertThat(settings.path("high-availability.type").asText()).isEqualTo("kubernetes");
    assertThat(pod.path("tolerations")).hasSize(3);
    assertThat(pod.at("/containers/0/lifecycle/preStop/exec/command/0").asText())
        .isEqualTo("/opt/simmim/before-stop");
    assertThat(of("ConfigMap", built).at("/data/dashboard.json").asText()).contains("SimMIM");
  }

  @Test
  void mixedHasTwoKindsOfPods() throws Exception {
    assertThat(kustomize(copy.resolve("mixed")))
        .extracting(tree -> tree.path("kind").asText())
        .containsExactlyInAnyOrder("FlinkDeployment", "Deployment");
  }

  private static JsonNode of(String kind, List<JsonNode> built) {
    return built.stream()
        .filter(tree -> tree.path("kind").asText().equals(kind))
        .findFirst()
        .orElseThrow();
  }

  private static List<JsonNode> kustomize(Path folder) throws IOException, InterruptedException {
    Path output = Files.createTempFile(folder, "built", ".txt");
    Process process =
        new ProcessBuilder("kubectl", "kustomize", folder.toString())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    assertThat(process.waitFor()).as(() -> read(output)).isZero();
    return Manifests.documents(read(output));
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }
}

package io.simmim.pipeline.kubernetes;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.schemas.text.KebabCase;
import io.simmim.schemas.text.PrintableText;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A {@code FlinkDeployment} of the Flink Kubernetes operator for one run: native mode, one
 * TaskManager that decodes and trains.
 *
 * @param name of the deployment
 * @param image of its containers
 * @param preset the configuration it starts from
 * @param settings changes to it, {@code key=value}
 * @param input URIs of the images
 * @param output URI of the folder of the run
 */
public record DeploymentManifest(
    String name,
    String image,
    String preset,
    List<String> settings,
    List<String> input,
    String output) {
  /** Name of a deployment where none is given. */
  public static final String NAME = "simmim";

  /** Texts with a separator in them, which YAML takes for nothing else. */
  private static final Pattern PLAIN =
      Pattern.compile("[a-z][a-z0-9]*([-=:/._]+[A-Za-z0-9]+)+|pretrain");

  private static final String TEMPLATE = "flinkdeployment.yaml";

  private static final String GPU_CONFIGURATION =
      """
      external-resources: gpu
      external-resource.gpu.amount: "1"
      external-resource.gpu.kubernetes.config-key: nvidia.com/gpu
      """;

  private static final String GPU_TOLERATIONS =
      """
      tolerations:
        - key: nvidia.com/gpu
          operator: Exists
          effect: NoSchedule
      """;

  public DeploymentManifest {
    if (!name.matches("[a-z]([-a-z0-9]{0,43}[a-z0-9])?")) {
      throw new IllegalArgumentException(
          "--name must be at most 45 lower-case letters, digits and -, and begin with a letter: "
              + name);
    }
    if (!output.matches("[^\\s\"'#]+")) {
      throw new IllegalArgumentException(
          "--output must be a URI without spaces, quotes and #: " + output);
    }
    settings = List.copyOf(settings);
    input = List.copyOf(input);
  }

  /** Image of the containers where none is given. */
  public static String image(SimmimConfig config) {
    return NAME + ":" + (config.training().device().equals("cpu") ? "cpu" : "gpu");
  }

  /**
   * The manifest as YAML.
   *
   * @param config what preset and settings amount to
   */
  public String yaml(SimmimConfig config) {
    PodResources needs = PodResources.of(config);
    boolean gpu = needs.deviceMiB() > 0;
    Map<String, String> values = new HashMap<>();
    values.put("name", name);
    values.put("image", quoted(image));
    for (String part : List.of("ha", "checkpoints", "savepoints")) {
      values.put("output-" + part, quoted(output + "/" + part));
    }
    values.put("retained", Integer.toString(config.checkpoint().retained()));
    values.put("command", command(config));
    values.put("model", modelLine(config, needs));
    values.put("memory", memoryLine(needs));
    values.put("slots", Integer.toString(needs.slots()));
    values.put("cores", Integer.toString(needs.cores()));
    values.put("process", Long.toString(needs.processMiB()));
    values.put("native", Long.toString(needs.nativeMiB()));
    values.put("half-framework", Integer.toString(PodResources.FRAMEWORK_MIB / 2));
    values.put("network", Integer.toString(PodResources.NETWORK_MIB));
    values.put("metaspace", Integer.toString(PodResources.METASPACE_MIB));
    values.put("overhead", Integer.toString(PodResources.OVERHEAD_MIB));
    values.put("off-heap-of", gpu ? "'s and CUDA's libraries" : " with the model");
    values.put("gpu-configuration", gpu ? GPU_CONFIGURATION.indent(4) : "");
    values.put("gpu-tolerations", gpu ? GPU_TOLERATIONS.indent(8) : "");
    values.put(
        "args",
        arguments().stream()
            .map(text -> "      - " + quoted(text))
            .collect(Collectors.joining("\n")));
    return filled(values);
  }

  private List<String> arguments() {
    List<String> arguments = new ArrayList<>(List.of("pretrain", "--preset", preset));
    for (String uri : input) {
      arguments.addAll(List.of("--input", uri));
    }
    arguments.addAll(List.of("--output", output));
    for (String setting : settings) {
      arguments.addAll(List.of("--set", setting));
    }
    return arguments;
  }

  private String command(SimmimConfig config) {
    List<String> words = new ArrayList<>(List.of("bin/simmim", "k8s"));
    if (!name.equals(NAME)) {
      words.addAll(List.of("--name", name));
    }
    if (!image.equals(image(config))) {
      words.addAll(List.of("--image", image));
    }
    words.addAll(arguments().subList(1, arguments().size()));
    return PrintableText.of(String.join(" ", words));
  }

  private String modelLine(SimmimConfig config, PodResources needs) {
    return String.format(
        Locale.ROOT,
        "%.1f million parameters, micro-batches of %d images of %d pixels in %s on %s.",
        needs.parameters() / 1e6,
        config.training().microBatch(),
        config.image().size(),
        KebabCase.of(config.training().precision()),
        config.training().device());
  }

  private static String memoryLine(PodResources needs) {
    String device =
        needs.deviceMiB() == 0
            ? ""
            : String.format(Locale.ROOT, "; an estimate of %d MiB on the GPU", needs.deviceMiB());
    return String.format(
        Locale.ROOT,
        "Of the TaskManager's memory %d MiB are for the heap of tasks and %d MiB for native code%s.",
        needs.heapMiB(),
        needs.nativeMiB(),
        device);
  }

  private static String filled(Map<String, String> values) {
    String text;
    try (InputStream stream = DeploymentManifest.class.getResourceAsStream(TEMPLATE)) {
      text = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    for (Map.Entry<String, String> value : values.entrySet()) {
      text = text.replace("${" + value.getKey() + "}", value.getValue());
    }
    return text;
  }

  /** As YAML reads it, whatever is in it: YAML takes JSON's texts. */
  private static String quoted(String text) {
    try {
      return PLAIN.matcher(text).matches() ? text : new ObjectMapper().writeValueAsString(text);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }
}

package io.simmim.pipeline.cli;

import io.simmim.pipeline.cli.common.CommandOutcome;
import io.simmim.pipeline.config.ConfigLoader;
import io.simmim.pipeline.config.KafkaOptions;
import io.simmim.pipeline.config.Presets;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.pipeline.kubernetes.DeploymentManifest;
import io.simmim.schemas.UserError;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code k8s}: prints a deployment for the Flink Kubernetes operator. */
@Command(
    name = "k8s",
    description = "Prints a FlinkDeployment with the memory, cores and slots that a preset needs.",
    mixinStandardHelpOptions = true)
final class KubernetesCommand implements Callable<Integer> {
  private static final String DEVICE = "training.device=";

  @Spec private CommandSpec spec;

  @Option(names = "--preset", required = true, paramLabel = "NAME", description = "The model.")
  private String preset;

  @Option(
      names = "--set",
      paramLabel = "key=value",
      description =
          "Changes one key; may be repeated. training.device=cpu: machines without a GPU (default: gpu0).")
  private List<String> settings = List.of();

  @Option(
      names = "--input",
      paramLabel = "URI",
      arity = "1..*",
      description = "Folders or images (default: s3://BUCKET/images).")
  private List<String> input = List.of("s3://BUCKET/images");

  @Option(
      names = "--output",
      paramLabel = "URI",
      description = "Folder of the run (default: s3://BUCKET/runs/PRESET).")
  private String output;

  @Option(
      names = "--name",
      defaultValue = DeploymentManifest.NAME,
      description = "Name of the deployment (default: ${DEFAULT-VALUE}).")
  private String name;

  @Option(names = "--image", description = "Image of the containers (default: simmim:gpu or :cpu).")
  private String image;

  @Override
  public Integer call() {
    List<String> changes = new ArrayList<>(settings);
    if (settings.stream().noneMatch(setting -> setting.startsWith(DEVICE))) {
      changes.add(DEVICE + "gpu0");
    }
    SimmimConfig config = new ConfigLoader().preset(preset).set(changes).load().config();
    if (!config.finetune().isOn()) {
      Presets.requirePretraining(preset);
    }
    if (config.resources().areSet()) {
      throw new UserError(
          "resources.* is for machines of two kinds, for which k8s/mixed is the deployment: "
              + config.resources().trainerExternalResource());
    }
    if (config.parallelism() > 0) {
      throw new UserError(
          "parallelism is worked out here; spec.job.parallelism of the manifest is the place to"
              + " change it: "
              + config.parallelism());
    }
    requireTellable(config);
    PrintWriter out = spec.commandLine().getOut();
    out.print(manifest(config, changes).yaml(config));
    out.flush();
    return CommandOutcome.DONE;
  }

  /** What the job would refuse there, and what would stand in the manifest for all to read. */
  private static void requireTellable(SimmimConfig config) {
    Set<String> flink = new TreeSet<>(config.flink().values().keySet());
    if (!flink.isEmpty()) {
      throw new UserError(
          "flink.* is for runs in one process; here flinkConfiguration of the manifest has Flink's keys: "
              + String.join(", ", flink));
    }
    List<String> secrets =
        config.kafka().values().keySet().stream().filter(KafkaOptions::isSecret).sorted().toList();
    if (!secrets.isEmpty()) {
      throw new UserError(
          "a manifest must hold no secrets; mount a file with them, and name it by --config in args: kafka."
              + String.join(", kafka.", secrets));
    }
  }

  private DeploymentManifest manifest(SimmimConfig config, List<String> changes) {
    try {
      return new DeploymentManifest(
          name,
          image == null ? DeploymentManifest.image(config) : image,
          preset,
          changes,
          input,
          output == null ? "s3://BUCKET/runs/" + preset : output);
    } catch (IllegalArgumentException e) {
      throw new UserError(e.getMessage(), e);
    }
  }
}

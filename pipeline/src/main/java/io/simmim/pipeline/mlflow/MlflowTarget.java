package io.simmim.pipeline.mlflow;

import io.simmim.pipeline.config.ConfigText;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.pipeline.config.Version;
import io.simmim.pipeline.run.folder.RunFolder;
import java.io.Serializable;
import java.net.URI;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Who is told of a run, and what is told of it at its beginning.
 *
 * @param server address of the tracking server, without a slash at its end
 * @param experiment name of the experiment that the run is in
 * @param output folder of the run
 * @param name of the run for people
 * @param params its configuration
 * @param tags what else it is known by
 */
public record MlflowTarget(
    URI server,
    String experiment,
    String output,
    String name,
    Map<String, String> params,
    Map<String, String> tags)
    implements Serializable {
  public MlflowTarget {
    Objects.requireNonNull(server, "server");
    Objects.requireNonNull(experiment, "experiment");
    Objects.requireNonNull(output, "output");
    Objects.requireNonNull(name, "name");
    params = Map.copyOf(params);
    tags = Map.copyOf(tags);
  }

  /** Nothing if no server is to be told. */
  public static Optional<MlflowTarget> of(SimmimConfig config, RunFolder folder) {
    if (!config.mlflow().isOn()) {
      return Optional.empty();
    }
    String output = RunFolder.readable(folder.root());
    String last = folder.root().getName();
    String name = last.isEmpty() ? output : last; // a bucket has no last part
    Map<String, String> tags = new TreeMap<>();
    tags.put("mlflow.source.type", "JOB");
    tags.put(
        "mlflow.source.name", config.finetune().isOn() ? "simmim finetune" : "simmim pretrain");
    tags.put("mlflow.runName", name);
    tags.put("simmim.version", Version.TEXT);
    tags.put("simmim.output", output);
    return Optional.of(
        new MlflowTarget(
            config.mlflow().server(),
            config.mlflow().experiment(),
            folder.root().toString(),
            name,
            ConfigText.flat(config),
            tags));
  }
}

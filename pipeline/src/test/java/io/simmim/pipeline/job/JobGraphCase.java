package io.simmim.pipeline.job;

import io.simmim.operators.source.suspect.SuspectConfig;
import io.simmim.pipeline.config.ConfigLoader;
import io.simmim.pipeline.job.settings.FlinkSettings;
import io.simmim.pipeline.report.ProgressReport;
import io.simmim.pipeline.run.Leases;
import io.simmim.pipeline.run.PreparedRun;
import io.simmim.pipeline.run.Resume;
import io.simmim.pipeline.watch.WatchConfig;
import io.simmim.trainer.operator.failure.GpuLoss;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamGraph;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** The graph of a small run. */
abstract class JobGraphCase {
  @TempDir Path folder;
  ConfigLoader.Loaded loaded;
  PreparedRun run;

  @BeforeEach
  void prepare() throws IOException {
    Path images = Files.createDirectories(folder.resolve("images"));
    for (int i = 0; i < 8; i++) {
      Files.writeString(images.resolve(i + ".jpg"), "not read here");
    }
    loaded = load("training.micro-batch=8");
    run = Leases.prepare(loaded.config(), Resume.parse("latest"), Optional.empty(), line -> {});
  }

  StreamGraph graph(Configuration told) {
    return graph(told, 3);
  }

  StreamGraph graph(Configuration told, Optional<WatchConfig> watch) {
    return graph(told, watch, 3);
  }

  StreamGraph graph(Configuration told, int parallelism) {
    return graph(told, Optional.empty(), parallelism);
  }

  StreamGraph graph(Configuration told, Optional<WatchConfig> watch, int parallelism) {
    StreamExecutionEnvironment env =
        StreamExecutionEnvironment.getExecutionEnvironment(new Configuration());
    env.configure(FlinkSettings.of(loaded, run.folder(), run.restore(), told));
    TrainingJob.build(
        env,
        loaded.config(),
        run,
        watch,
        parallelism,
        ProgressReport.Target.LOG,
        SuspectConfig.NONE,
        GpuLoss.ENDS_PROCESS);
    return env.getStreamGraph();
  }

  ConfigLoader.Loaded load(String... assignments) {
    return new ConfigLoader()
        .preset("vit-tiny")
        .set(List.of(assignments))
        .input(List.of(folder.resolve("images").toString()))
        .output(folder.resolve("output").toString())
        .load();
  }
}

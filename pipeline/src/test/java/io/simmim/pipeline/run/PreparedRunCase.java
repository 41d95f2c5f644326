package io.simmim.pipeline.run;

import io.simmim.pipeline.config.ConfigLoader;
import io.simmim.pipeline.config.SimmimConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** An output and ten images for runs that are prepared. */
abstract class PreparedRunCase {
  static final Resume LATEST = Resume.parse("latest");

  @TempDir Path folder;
  Path images;
  Path output;
  final List<String> said = new ArrayList<>();

  @BeforeEach
  void makeImages() throws IOException {
    images = Files.createDirectories(folder.resolve("images"));
    output = folder.resolve("output");
    for (int i = 0; i < 10; i++) {
      Files.writeString(images.resolve(i + ".jpg"), "not read here");
    }
  }

  final void writeModel() throws IOException {
    writeModel(output);
  }

  /** One without tensors. */
  static void writeModel(Path output) throws IOException {
    Path model = Files.createDirectories(output.resolve("model"));
    Files.writeString(model.resolve("config.json"), "{}");
    Files.writeString(model.resolve("model.safetensors"), "\2\0\0\0\0\0\0\0{}");
  }

  final PreparedRun prepare(Resume resume, String... assignments) {
    return Leases.prepare(config(assignments), resume, Optional.empty(), said::add);
  }

  final PreparedRun prepareWith(SimmimConfig config) {
    return Leases.prepare(config, LATEST, Optional.empty(), said::add);
  }

  final SimmimConfig config(String... assignments) {
    return configOf(List.of(images.toString()), assignments);
  }

  final SimmimConfig configOf(List<String> inputs, String... assignments) {
    return new ConfigLoader()
        .preset("vit-tiny")
        .set(
            List.of(
                "encoder.depth=1",
                "schedule.warmup-epochs=0",
                "training.epochs=2",
                "training.micro-batch=4"))
        .output(output.toString())
        .set(List.of(assignments))
        .input(inputs)
        .load()
        .config();
  }
}

package io.simmim.trainer.torch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class NativeLoaderTest {
  @Test
  void trainsInTwoClassLoadersOfOneJvm() throws Exception {
    Process process = start(TwoClassLoadersMain.class);
    List<String> output;
    try (var reader = process.inputReader(StandardCharsets.UTF_8)) {
      output = reader.lines().toList();
    }

    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as("output: %s", output).isZero();
    List<String> losses = output.stream().filter(line -> line.startsWith("loss ")).toList();
    assertThat(losses).hasSize(5);
    assertThat(losses).containsOnly(losses.get(0));
  }

  @Test
  void endsWithoutACrashInTheMiddleOfAStep() throws Exception {
    Process process = start(EndlessTrainingMain.class);
    try (var reader = process.inputReader(StandardCharsets.UTF_8)) {
      assertThat(reader.readLine()).isEqualTo("training");
      process.toHandle().destroy(); // SIGTERM; leaves the output open

      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(reader.lines().toList()).noneMatch(line -> line.contains("fatal error"));
    }
    assertThat(process.exitValue()).isEqualTo(128 + 15);
  }

  private static Process start(Class<?> main) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-cp",
            System.getProperty("java.class.path"),
            main.getName())
        .redirectErrorStream(true)
        .start();
  }

  @Test
  void startsTwiceInOneClassLoader() {
    TorchRuntime.start();
    TorchRuntime.start();

    assertThat(System.getProperty("ai.djl.offline")).isEqualTo("true");
  }
}

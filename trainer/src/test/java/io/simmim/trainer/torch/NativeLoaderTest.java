package io.simmim.trainer.torch;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("slow")
class NativeLoaderTest {
  @Test
  void trainsInTwoClassLoadersOfOneJvm() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                TwoClassLoadersMain.class.getName())
            .redirectErrorStream(true)
            .start();
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
  void startsTwiceInOneClassLoader() {
    TorchRuntime.start();
    TorchRuntime.start();

    assertThat(System.getProperty("ai.djl.offline")).isEqualTo("true");
  }
}

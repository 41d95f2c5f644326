package io.simmim.trainer.torch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("slow")
class NativeLoaderTest {
  @Test
  void trainsInTwoClassLoadersOfOneJvm() throws Exception {
    List<String> output = TwoClassLoaders.output("cpu");

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

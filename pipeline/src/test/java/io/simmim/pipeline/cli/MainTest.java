package io.simmim.pipeline.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.pipeline.OtherDigits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.flink.client.program.ProgramAbortException;
import org.apache.flink.client.program.StreamPlanEnvironment;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

class MainTest {
  @Test
  @ExtendWith(OtherDigits.class)
  void writesNumbersTheSameInEveryLanguage() {
    Main.main(new String[] {"presets"});

    assertThat("%,d %.1f".formatted(1234, 0.5)).isEqualTo("1,234 0.5");
  }

  /** As "Show plan" of Flink's web UI does: the program is ended where it would run its job. */
  @Test
  void showsThePlanOfAJobAndLeavesNothing(@TempDir Path folder) throws IOException {
    Path images = Files.createDirectory(folder.resolve("images"));
    for (int i = 0; i < 32; i++) {
      Files.writeString(images.resolve(i + ".jpg"), "not read here");
    }
    Path output = folder.resolve("output");
    String[] arguments = {
      "pretrain", "--preset=vit-tiny", "--input=" + images, "--output=" + output
    };
    StreamPlanEnvironment plan =
        new StreamPlanEnvironment(new Configuration(), getClass().getClassLoader(), 1);
    plan.setAsContext();
    try {
      assertThatThrownBy(() -> Main.main(arguments)).isInstanceOf(ProgramAbortException.class);
    } finally {
      plan.unsetAsContext();
    }

    assertThat(plan.getPipeline()).isNotNull();
    assertThat(output).doesNotExist();
  }
}

package io.simmim.trainer.operator;

import static io.simmim.trainer.operator.TestRuns.chunks;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.schemas.BatchPlan;
import io.simmim.schemas.UserError;
import io.simmim.schemas.safetensors.SafetensorsFile;
import io.simmim.trainer.export.ExportConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class ModelExportTest {
  @TempDir Path output;
  private final FakeLearner.Control control = new FakeLearner.Control();

  @AfterEach
  void freesEverything() {
    assertThat(control.openSnapshots).hasValue(0);
    assertThat(control.openModels).hasValue(0);
  }

  @Test
  void exportsTheModelAtTheEnd() throws Exception {
    try (OperatorRun run = OperatorRun.start(TestRuns.config(output), control.models())) {
      run.finishFrom(0);

      assertThat(files(output.resolve("model")))
          .containsExactly("config.json", "model.safetensors");
    }
    try (SafetensorsFile file = SafetensorsFile.open(output.resolve("model/model.safetensors"))) {
      assertThat(file.tensors()).containsOnlyKeys("w");
      assertThat(file.readFloats("w")).doesNotContain(1f, 2f);
    }
    assertThat(Files.readString(output.resolve("model/config.json")))
        .isEqualTo(
            """
            {
              "type" : "vit",
              "image_size" : 32,
              "mask_patch_size" : 16,
              "patch_size" : 8,
              "in_chans" : 3,
              "embed_dim" : 32,
              "depth" : 2,
              "num_heads" : 2,
              "mlp_ratio" : 4.0,
              "qkv_bias" : true,
              "use_abs_pos_emb" : false,
              "use_shared_rel_pos_bias" : true,
              "use_rel_pos_bias" : false,
              "layer_scale_init" : 0.1,
              "drop_path_rate" : 0.2,
              "encoder_stride" : 8,
              "head_type" : "linear",
              "target_type" : "pixels",
              "norm_target_per_cell" : false,
              "target_downsampling" : 1,
              "norm_target_patch_size" : 0,
              "loss_type" : "l1",
              "loss_area" : "masked"
            }
            """);
  }

  @Test
  void exportsEveryFewEpochsAndKeepsThem() throws Exception {
    TrainingOperatorConfig config = TestRuns.config(output, 1, TestRuns.LENIENT);
    try (OperatorRun run = OperatorRun.start(config, control.models())) {
      run.finishFrom(0);
    }

    assertThat(models(output)).containsExactly("model", "model-epoch-0001");
    assertThat(files(output.resolve("model-epoch-0001")))
        .containsExactly("config.json", "model.safetensors");
    assertThat(output.resolve("model-epoch-0001/model.safetensors"))
        .binaryContent()
        .isNotEqualTo(Files.readAllBytes(output.resolve("model/model.safetensors")));
  }

  @Test
  void keepsTheNewestExportsOnly() throws Exception {
    BatchPlan plan = new BatchPlan(13, 6, 4, 3, 2);
    Files.createDirectories(output.resolve("model-epoch-0009")); // of a course that was left
    Files.createDirectories(output.resolve("model-epoch-best"));
    TrainingOperatorConfig config =
        TestRuns.config(output, plan, new ExportConfig(1, 2), TestRuns.LENIENT);
    try (OperatorRun run = OperatorRun.start(config, control.models())) {
      run.finishFrom(0);
    }

    assertThat(models(output))
        .containsExactly(
            "model",
            "model-epoch-0004",
            "model-epoch-0005",
            "model-epoch-0009",
            "model-epoch-best");
  }

  @Test
  void replacesAnOlderModelAndWhatAKilledExportLeft() throws Exception {
    Files.createDirectories(output.resolve("model"));
    Files.writeString(output.resolve("model/model.safetensors"), "old");
    Files.writeString(output.resolve("model/.model.safetensors.inprogress.1"), "partial");
    Files.writeString(output.resolve("model/notes 10:20.txt"), "the user's");
    Files.createSymbolicLink(output.resolve("model/nowhere"), output.resolve("gone"));

    try (OperatorRun run = OperatorRun.start(TestRuns.config(output), control.models())) {
      run.finishFrom(0);
    }

    assertThat(files(output.resolve("model")))
        .containsExactly("config.json", "model.safetensors", "notes 10:20.txt", "nowhere");
    SafetensorsFile.open(output.resolve("model/model.safetensors")).close();
  }

  @Test
  void exportsAgainWhenACompleteRunIsResumed() throws Exception {
    OperatorSubtaskState state;
    try (OperatorRun run = OperatorRun.start(TestRuns.config(output), control.models())) {
      run.finishFrom(0);
      state = run.checkpoint(1);
    }
    byte[] expected = Files.readAllBytes(output.resolve("model/model.safetensors"));
    Files.delete(output.resolve("model/model.safetensors"));

    try (OperatorRun run = OperatorRun.resume(TestRuns.config(output), control.models(), state)) {
      run.harness.endInput();

      assertThat(run.steps()).isEmpty();
    }
    assertThat(output.resolve("model/model.safetensors")).hasBinaryContent(expected);
  }

  @ParameterizedTest
  @CsvSource({"No space left on device,make room there", "Read-only file system,mend that"})
  void failureAtTheEndFailsTheJobWithOneMessageThatSaysWhatToDo(String failure, String advice)
      throws Exception {
    control.readFailure = new IOException(failure);
    try (OperatorRun run = OperatorRun.start(TestRuns.config(output), control.models())) {
      assertThatThrownBy(() -> run.finishFrom(0))
          .isInstanceOf(SuppressRestartsException.class)
          .cause()
          .isInstanceOf(UserError.class)
          .hasMessage(
              "cannot write the model to file:%s/model: %s; nothing is lost: %s, then run the same"
                      .formatted(output, failure, advice)
                  + " command again, which continues from the newest checkpoint");
    }
    assertThat(files(output.resolve("model"))).isEmpty();
  }

  @Test
  void failureBetweenEpochsDoesNotStopTraining() throws Exception {
    Files.writeString(output.resolve("model-epoch-0001"), "in the way");
    TrainingOperatorConfig config = TestRuns.config(output, 1, TestRuns.LENIENT);
    try (OperatorRun run = OperatorRun.start(config, control.models())) {
      run.finishFrom(0);

      assertThat(run.steps()).hasSize(4);
    }
    assertThat(models(output)).containsExactly("model", "model-epoch-0001");
  }

  @Test
  void checkpointDoesNotCompleteBeforeTheExportThatItLeavesBehind() throws Exception {
    TrainingOperatorConfig config = TestRuns.config(output, 1, TestRuns.LENIENT);
    try (OperatorRun run = OperatorRun.start(config, control.models())) {
      run.feed(chunks(0, 13));
      while (run.steps().size() < 2) {
        run.runMails();
      }

      run.checkpoint(1);

      assertThat(output.resolve("model-epoch-0001/model.safetensors")).exists();
    }
  }

  private static List<String> models(Path folder) throws IOException {
    return files(folder).stream().filter(name -> name.startsWith("model")).toList();
  }

  private static List<String> files(Path folder) throws IOException {
    try (Stream<Path> children = Files.list(folder)) {
      return children.map(child -> child.getFileName().toString()).sorted().toList();
    }
  }
}

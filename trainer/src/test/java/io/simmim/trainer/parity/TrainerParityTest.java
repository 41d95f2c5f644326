package io.simmim.trainer.parity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import io.simmim.schemas.ParityRow;
import io.simmim.schemas.ParityRow.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainerParityTest {
  private static final Path RECORDINGS = Path.of("src/test/resources/recordings");

  /**
   * Two are ill-conditioned: changed by one unit in the last place, the official code's own results
   * are another by 1e-5 in a gradient norm of {@code simmim_swin_key_biases}, and by 4e-3 in the
   * gradient of a temperature of {@code simmim_swinv2_temperature}.
   */
  @Test
  void agreesWithTheRecordingsOfTheReference() throws Exception {
    List<ParityRow> rows = TrainerParity.run(RECORDINGS, "cpu");

    assertThat(rows)
        .extracting(ParityRow::name, ParityRow::outcome)
        .containsExactly(
            tuple("finetune_swin_window4", Outcome.OK),
            tuple("finetune_vit_abs_pos_cls", Outcome.OK),
            tuple("finetune_vit_block_rpb", Outcome.OK),
            tuple("mae_vit", Outcome.OK),
            tuple("simmim_swin_key_biases", Outcome.OK),
            tuple("simmim_swin_window6", Outcome.OK),
            tuple("simmim_swinv2_temperature", Outcome.OK),
            tuple("simmim_swinv2_window6_normtarget", Outcome.OK),
            tuple("simmim_vit_abs_pos", Outcome.OK),
            tuple("simmim_vit_shared_rpb", Outcome.OK),
            tuple("lr_schedules.0 cosine", Outcome.OK),
            tuple("lr_schedules.1 multistep", Outcome.OK),
            tuple("lr_schedules.2 multistep", Outcome.OK),
            tuple("lr_schedules.3 cosine", Outcome.OK),
            tuple("resample_position_bias.0", Outcome.OK),
            tuple("resample_position_bias.1", Outcome.OK),
            tuple("resample_position_bias.2", Outcome.OK),
            tuple("resample_position_bias.3", Outcome.OK),
            tuple("resample_position_bias.4", Outcome.OK));
  }

  @Test
  void reportsARecordingOfAModelThatIsNotThere(@TempDir Path directory) throws Exception {
    String json = Files.readString(RECORDINGS.resolve("simmim_vit_abs_pos.json"));
    Files.writeString(
        directory.resolve("other.json"),
        json.replace("\"type\": \"vit\"", "\"type\": \"perceiver\""));

    ParityRow row = TrainerParity.run(directory, "cpu").get(0);

    assertThat(row.outcome()).isEqualTo(Outcome.UNSUPPORTED);
    assertThat(row.detail()).isEqualTo("encoder type perceiver is not supported");
  }

  @Test
  void reportsARecordingThatDiffers(@TempDir Path directory) throws Exception {
    String json = Files.readString(RECORDINGS.resolve("simmim_vit_abs_pos.json"));
    Files.writeString(
        directory.resolve("changed.json"), json.replace("0.5832508206367493", "0.5833"));
    Files.copy(
        RECORDINGS.resolve("simmim_vit_abs_pos.safetensors"),
        directory.resolve("changed.safetensors"));

    ParityRow row = TrainerParity.run(directory, "cpu").get(0);

    assertThat(row.outcome()).isEqualTo(Outcome.DIFFERS);
    assertThat(row.detail()).endsWith("worst: loss of step 1");
    assertThat(row.largestDifference()).isCloseTo(8.4e-5, within(1e-6));
  }

  /** Most gradients agree to 1e-5, so a change by 6e-5 is one that rounding does not explain. */
  @Test
  void reportsAGradientThatDiffers(@TempDir Path directory) throws Exception {
    String tensor = "grad.encoder.layers.0.blocks.0.attn.qkv.weight";
    ChangedRecording.write(
        RECORDINGS, "simmim_swinv2_window6_normtarget", tensor, 1 + 6e-5, directory);

    ParityRow row = TrainerParity.run(directory, "cpu").get(0);

    assertThat(row.outcome()).isEqualTo(Outcome.DIFFERS);
    assertThat(row.detail()).endsWith("worst: " + tensor);
  }

  /** Also where rounding moves biases of keys by more, and gradients of temperatures. */
  @ParameterizedTest
  @CsvSource({
    "simmim_swinv2_temperature, after.encoder.layers.1.blocks.0.mlp.fc1.weight, 1.0003",
    "simmim_swin_key_biases, after.encoder.layers.0.blocks.0.attn.qkv.weight, 1.0002",
    "simmim_swin_key_biases, after.encoder.layers.0.blocks.0.attn.qkv.bias, 1.001",
    "simmim_swinv2_temperature, grad.encoder.layers.0.blocks.1.attn.qkv.weight, 1.00008",
    "finetune_swin_window4, after.layers.0.blocks.0.mlp.fc1.weight, 1.0002"
  })
  void reportsATensorThatDiffers(String name, String tensor, double factor, @TempDir Path directory)
      throws Exception {
    ChangedRecording.write(RECORDINGS, name, tensor, factor, directory);

    ParityRow row = TrainerParity.run(directory, "cpu").get(0);

    assertThat(row.outcome()).isEqualTo(Outcome.DIFFERS);
    assertThat(row.detail()).endsWith("worst: " + tensor);
  }

  @Test
  void reportsAGradientNormOfALaterStepThatDiffers(@TempDir Path directory) throws Exception {
    String json = Files.readString(RECORDINGS.resolve("simmim_vit_abs_pos.json"));
    Files.writeString(
        directory.resolve("changed.json"),
        json.replace("0.15763594210147858", "0.1576406711797416"));
    Files.copy(
        RECORDINGS.resolve("simmim_vit_abs_pos.safetensors"),
        directory.resolve("changed.safetensors"));

    ParityRow row = TrainerParity.run(directory, "cpu").get(0);

    assertThat(row.outcome()).isEqualTo(Outcome.DIFFERS);
    assertThat(row.detail()).endsWith("worst: gradient norm of step 3");
  }

  /**
   * The gradient of this temperature is a sum that nearly cancels: parameters changed by one unit
   * in the last place move it by 8e-5, and other processors' kernels do the same.
   */
  @Test
  void allowsForRoundingWhereAGradientNearlyCancels(@TempDir Path directory) throws Exception {
    String tensor = "grad.encoder.layers.2.blocks.0.attn.logit_scale";
    ChangedRecording.write(
        RECORDINGS, "simmim_swinv2_window6_normtarget", tensor, 1 - 7e-5, directory);

    assertThat(TrainerParity.run(directory, "cpu").get(0).outcome()).isEqualTo(Outcome.OK);
  }

  @Test
  void endsTheOfficialLinearScheduleAtAHundredthOfItsBaseRate(@TempDir Path directory)
      throws Exception {
    Files.writeString(
        directory.resolve("lr_schedules.json"),
        """
        {
          "schedules": [
            {
              "schedule": "linear",
              "epochs": 10,
              "warmup_epochs": 2,
              "base_lr": 0.0008,
              "warmup_lr": 4e-06,
              "min_lr": 4e-05,
              "steps_per_epoch": 5,
              "lr_after_step_update": {
                "0": 4e-06,
                "9": 0.0007204000000000001,
                "10": 0.0008,
                "30": 0.000404,
                "49": 2.7800000000000025e-05
              }
            }
          ]
        }
        """);

    assertThat(TrainerParity.run(directory, "cpu"))
        .extracting(ParityRow::name, ParityRow::outcome)
        .containsExactly(tuple("lr_schedules.0 linear", Outcome.OK));
  }
}

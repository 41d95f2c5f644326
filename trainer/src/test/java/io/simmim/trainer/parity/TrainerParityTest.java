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

class TrainerParityTest {
  private static final Path RECORDINGS = Path.of("src/test/resources/recordings");

  @Test
  void agreesWithTheRecordingsOfTheReference() throws Exception {
    List<ParityRow> rows = TrainerParity.run(RECORDINGS);

    assertThat(rows)
        .extracting(ParityRow::name, ParityRow::outcome)
        .containsExactly(
            tuple("mae_vit", Outcome.UNSUPPORTED),
            tuple("simmim_swin_window6", Outcome.OK),
            tuple("simmim_swinv2_window6_normtarget", Outcome.OK),
            tuple("simmim_vit_abs_pos", Outcome.OK),
            tuple("simmim_vit_shared_rpb", Outcome.OK),
            tuple("lr_schedules.0 cosine", Outcome.OK),
            tuple("lr_schedules.1 multistep", Outcome.OK),
            tuple("lr_schedules.2 multistep", Outcome.OK),
            tuple("lr_schedules.3 cosine", Outcome.OK));
    assertThat(rows.get(0).detail()).isEqualTo("encoder type mae is not there yet");
  }

  @Test
  void reportsARecordingThatDiffers(@TempDir Path directory) throws Exception {
    String json = Files.readString(RECORDINGS.resolve("simmim_vit_abs_pos.json"));
    Files.writeString(
        directory.resolve("changed.json"), json.replace("0.5832508206367493", "0.5833"));
    Files.copy(
        RECORDINGS.resolve("simmim_vit_abs_pos.safetensors"),
        directory.resolve("changed.safetensors"));

    ParityRow row = TrainerParity.run(directory).get(0);

    assertThat(row.outcome()).isEqualTo(Outcome.DIFFERS);
    assertThat(row.detail()).endsWith("worst: loss of step 1");
    assertThat(row.largestDifference()).isCloseTo(8.4e-5, within(1e-6));
  }
}

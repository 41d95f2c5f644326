package io.simmim.trainer.parity;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.schemas.ParityRow;
import io.simmim.schemas.ParityRow.Outcome;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Small random models that transformers 5.18 and timm 1.0.29 wrote, with what they compute. Two are
 * Swin V2 with windows of 8 whose position bias was first trained with windows of 6 and 3. Two have
 * no head and three stages, whose merging has timm's own numbers. Two are an encoder alone, two
 * have a classifier that no model here has, and one predicts tokens, with its norm in that head.
 */
class ForeignCaseTest {
  @TempDir private Path folder;

  private static Path recordings() throws URISyntaxException {
    String one = "/io/simmim/trainer/interop/hf_beit/config.json";
    return Path.of(ForeignCaseTest.class.getResource(one).toURI()).getParent().getParent();
  }

  @Test
  void computesAndWritesAgainWhatLibrariesWrote() throws Exception {
    List<ParityRow> rows = ForeignCase.rows(recordings(), "cpu");

    assertThat(rows)
        .extracting(ParityRow::name)
        .containsExactly(
            "hf_beit",
            "hf_beit_tokens",
            "hf_dinov2_classifier",
            "hf_resnet_classifier",
            "hf_swin_encoder",
            "hf_swin_mim",
            "hf_swinv2_pretrained_windows",
            "hf_vit_encoder",
            "timm_swin",
            "timm_swin_headless",
            "timm_swinv2_headless",
            "timm_swinv2_pretrained_windows");
    assertThat(rows).extracting(ParityRow::outcome).containsOnly(Outcome.OK);
  }

  @Test
  void seesAChangedWeight() throws Exception {
    Path copy = Files.createDirectory(folder.resolve("hf_beit"));
    for (String name : List.of("config.json", "model.safetensors", "expected.safetensors")) {
      Files.copy(recordings().resolve("hf_beit").resolve(name), copy.resolve(name));
    }
    flipLastByte(copy.resolve("model.safetensors"));

    assertThat(ForeignCase.rows(folder, "cpu"))
        .extracting(ParityRow::outcome)
        .containsOnly(Outcome.DIFFERS);
  }

  /** The sign of a weight. */
  private static void flipLastByte(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 1] ^= (byte) 0x80;
    Files.write(file, bytes);
  }
}

package io.simmim.trainer.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.trainer.interop.ForeignModel.Absent;
import io.simmim.trainer.interop.layout.ForeignText;
import io.simmim.trainer.interop.layout.Library;
import io.simmim.trainer.interop.layout.PortableModel;
import io.simmim.trainer.model.ModelConfig;
import io.simmim.trainer.model.encoder.EncoderConfig;
import io.simmim.trainer.model.encoder.EncoderType;
import io.simmim.trainer.model.encoder.RelativePositionBias;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The merging between three stages, whose numbers differ by one among files without a head. */
class TimmSwinMergingTest {
  private static final Pattern MERGING = Pattern.compile("layers\\.([0-9])\\.downsample(.*)");

  private static PortableModel model(EncoderType type) {
    EncoderConfig encoder =
        new EncoderConfig(
            type,
            4,
            6,
            List.of(1, 1, 1),
            List.of(1, 2, 3),
            4,
            0,
            4,
            true,
            false,
            RelativePositionBias.NONE,
            0,
            0);
    return new PortableModel(ModelConfig.simmim(64, 16, encoder), Optional.empty());
  }

  /** As timm since 0.9 has them: at the beginning of the stage behind. */
  private static MemoryTensors ofTheNextStage(MemoryTensors tensors) {
    MemoryTensors renamed = new MemoryTensors();
    for (String name : tensors.names()) {
      Matcher merging = MERGING.matcher(name);
      String next =
          merging.matches()
              ? "layers.%d.downsample%s"
                  .formatted(Integer.parseInt(merging.group(1)) + 1, merging.group(2))
              : name;
      renamed.put(next, tensors.shape(name), tensors.bytes(name));
    }
    return renamed;
  }

  @ParameterizedTest
  @EnumSource(names = {"SWIN", "SWINV2"})
  void isReadWhicheverTimmNumberedIt(EncoderType type) throws IOException {
    PortableModel model = model(type);
    MemoryTensors official = MemoryTensors.of(ForeignExport.official(model));
    ForeignExport export = ForeignExport.of(Library.TIMM, model, official, "");
    ForeignText config = ForeignText.of(export.config().toString());
    MemoryTensors older = MemoryTensors.of(export.tensors());
    MemoryTensors newer = ofTheNextStage(older);
    assertThat(newer.names())
        .contains("layers.2.downsample.norm.weight")
        .doesNotContain("layers.0.downsample.norm.weight");

    for (MemoryTensors file : List.of(older, newer)) {
      ForeignModel read = ForeignModel.read(config, file).orElseThrow();
      MemoryTensors found = MemoryTensors.of(read.official(Absent.LEFT_OUT));
      MemoryTensors whole = MemoryTensors.of(read.official(Absent.ZERO));
      MemoryTensors again = MemoryTensors.of(read.export(whole).tensors());
      ForeignExport forTimm = ForeignExport.of(Library.TIMM, model, whole, read.layout());

      assertThat(read.model().encoder()).isEqualTo(model.encoder());
      assertThat(read.extra()).isEmpty();
      assertThat(found.names()).contains("encoder.layers.1.downsample.reduction.weight");
      found.names().forEach(n -> assertThat(found.bytes(n)).as(n).isEqualTo(official.bytes(n)));
      assertThat(again.names()).as("written as it was").isEqualTo(file.names());
      file.names().forEach(n -> assertThat(again.bytes(n)).as(n).isEqualTo(file.bytes(n)));
      assertThat(MemoryTensors.of(forTimm.tensors()).names())
          .as("an export is what timm loads")
          .isEqualTo(older.names());
    }
  }
}

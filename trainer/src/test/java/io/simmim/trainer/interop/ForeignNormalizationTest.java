package io.simmim.trainer.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simmim.schemas.Normalization;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** How images are shown to the models of other libraries, read and written again. */
class ForeignNormalizationTest {
  private static final Normalization HALF =
      new Normalization(List.of(0.5, 0.5, 0.5), List.of(0.5, 0.5, 0.5));
  private static final Normalization UNLIKE =
      new Normalization(
          List.of(0.48145466, 0.4578275, 0.40821073), List.of(0.26862954, 0.26130258, 0.27577711));

  private static ModelConfig model() {
    EncoderConfig encoder =
        new EncoderConfig(
            EncoderType.VIT,
            8,
            12,
            List.of(1),
            List.of(3),
            0,
            0,
            4,
            true,
            true,
            RelativePositionBias.NONE,
            0,
            0);
    return ModelConfig.simmim(32, 4, encoder);
  }

  private static ForeignExport export(Library library, Normalization normalization)
      throws IOException {
    ModelConfig model = model().withNormalization(normalization);
    return ForeignExport.of(
        library,
        new PortableModel(model, Optional.empty()),
        MemoryTensors.of(ForeignExport.official(model)),
        "");
  }

  private static ForeignModel read(ForeignExport export, String config, String preprocessor)
      throws IOException {
    return ForeignModel.read(
            new ForeignText(config, Optional.ofNullable(preprocessor)),
            MemoryTensors.of(export.tensors()))
        .orElseThrow();
  }

  private static ForeignModel transformers(String preprocessor) throws IOException {
    ForeignExport export = export(Library.HUGGINGFACE, HALF);
    return read(export, export.config().toString(), preprocessor);
  }

  @ParameterizedTest
  @EnumSource(value = Library.class, names = "SIMMIM", mode = EnumSource.Mode.EXCLUDE)
  void areReadAsTheyWereWritten(Library library) throws IOException {
    ForeignExport export = export(library, UNLIKE);

    ForeignModel read =
        read(
            export,
            export.config().toString(),
            export.preprocessor().map(ObjectNode::toString).orElse(null));

    assertThat(read.model().normalization()).isEqualTo(UNLIKE);
    assertThat(read.saysNormalization()).isTrue();
  }

  @Test
  void areThoseOfTheFileOfTransformers() throws IOException {
    assertThat(
            transformers("{\"image_mean\": [0.5, 0.5, 0.5], \"image_std\": [0.5, 0.5, 0.5]}")
                .model()
                .normalization())
        .isEqualTo(HALF);
    assertThat(
            transformers(
                    "{\"image_mean\": 0.5, \"image_std\": 0.5, \"do_rescale\": true,"
                        + " \"rescale_factor\": 0.0039215687}")
                .model()
                .normalization())
        .isEqualTo(HALF);
    assertThat(
            transformers("{\"do_normalize\": false, \"image_mean\": null}").model().normalization())
        .isEqualTo(new Normalization(List.of(0.0, 0.0, 0.0), List.of(1.0, 1.0, 1.0)));
  }

  @Test
  void areImageNetsWhereNothingIsSaid() throws IOException {
    ForeignModel silent = transformers(null);

    assertThat(silent.saysNormalization()).isFalse();
    assertThat(silent.model().normalization()).isEqualTo(Normalization.IMAGENET);
  }

  /** Older versions of timm have the keys of {@code pretrained_cfg} beside the others. */
  @Test
  void areThoseOfTimmWhereverItPutThem() throws IOException {
    ForeignExport export = export(Library.TIMM, UNLIKE);
    ObjectNode config = (ObjectNode) new ObjectMapper().readTree(export.config().toString());
    ObjectNode shown = (ObjectNode) config.remove("pretrained_cfg");

    ForeignModel silent = read(export, config.toString(), null);
    config.setAll(shown);
    ForeignModel older = read(export, config.toString(), null);

    assertThat(silent.saysNormalization()).isFalse();
    assertThat(silent.model().normalization()).isEqualTo(Normalization.IMAGENET);
    assertThat(older.model().normalization()).isEqualTo(UNLIKE);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"do_rescale\": false} | do_rescale must be true: false",
        "{\"rescale_factor\": 0.00784313725490196} | rescale_factor must be 1/255:"
            + " 0.00784313725490196",
        "{\"image_mean\": [0.5], \"image_std\": [0.5]} | image_mean must be three numbers (red,"
            + " green, blue): [0.5]",
        "{\"image_mean\": [0.5, 0.5, 1e999], \"image_std\": 0.5} | image_mean must be three"
            + " numbers (red, green, blue) from 0.0 to 1.0: [0.5, 0.5, Infinity]",
        "{\"image_mean\": [0.5, 0.5, \"0.5\"], \"image_std\": 0.5} | image_mean must be three"
            + " numbers (red, green, blue): [0.5,0.5,\"0.5\"]",
        "{\"image_mean\": 0.5, \"image_std\": 0} | image_std must be three numbers (red, green,"
            + " blue) from 0.001 to 10.0: [0.0, 0.0, 0.0]",
        "{\"image_mean\": 0.5} | image_std must be three numbers (red, green, blue): missing",
        "{\"do_normalize\": 1} | do_normalize must be true or false: 1",
        "[] | it is no JSON object",
      })
  void areRefusedWhereTheyAreNoneHere(String preprocessor, String message) {
    assertThatThrownBy(() -> transformers(preprocessor))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("preprocessor_config.json: " + message);
  }

  @Test
  void areRefusedInOneLineIfTheyAreNoNumber() {
    assertThatThrownBy(() -> transformers("{\"image_mean\": [NaN, 0, 0], \"image_std\": 1}"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("preprocessor_config.json: it is no JSON: ")
        .message()
        .hasLineCount(1);
  }
}

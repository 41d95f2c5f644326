package io.simmim.trainer.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simmim.schemas.Normalization;
import io.simmim.trainer.interop.ForeignModel.Absent;
import io.simmim.trainer.interop.layout.ClassifierHead;
import io.simmim.trainer.interop.layout.ForeignText;
import io.simmim.trainer.interop.layout.Library;
import io.simmim.trainer.interop.layout.PortableModel;
import io.simmim.trainer.model.ModelConfig;
import io.simmim.trainer.model.NormConfig;
import io.simmim.trainer.model.encoder.EncoderConfig;
import io.simmim.trainer.model.encoder.EncoderType;
import io.simmim.trainer.model.encoder.RelativePositionBias;
import io.simmim.trainer.model.parameter.TensorSpec;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ClassifierExportTest {
  private static final int SIZE = 32;
  private static final NormConfig MEAN = new NormConfig(1e-6, true);
  private static final NormConfig CLASS_TOKEN = NormConfig.OFFICIAL;
  private static final List<String> NAMES = List.of("cat", "dog \"wild\"", "Maus | 鼠");

  private static PortableModel vit(RelativePositionBias bias, NormConfig norms) {
    return vit(true, bias, norms, true);
  }

  private static PortableModel vit(
      boolean absolute, RelativePositionBias bias, NormConfig norms, boolean qkvBias) {
    EncoderConfig encoder =
        new EncoderConfig(
            EncoderType.VIT,
            8,
            12,
            List.of(2),
            List.of(3),
            0,
            0,
            4,
            qkvBias,
            absolute,
            bias,
            bias == RelativePositionBias.NONE ? 0 : 0.1,
            0);
    return classifier(ModelConfig.simmim(SIZE, 4, encoder).withNorms(norms));
  }

  private static PortableModel swin(
      EncoderType type, int mainNormInterval, int window, boolean absolute) {
    EncoderConfig encoder =
        new EncoderConfig(
            type,
            4,
            8,
            List.of(1, 2),
            List.of(1, 2),
            window,
            mainNormInterval,
            4,
            true,
            absolute,
            RelativePositionBias.NONE,
            0,
            0);
    return classifier(ModelConfig.simmim(SIZE, 8, encoder));
  }

  private static PortableModel classifier(ModelConfig model) {
    return new PortableModel(model, Optional.of(new ClassifierHead(NAMES.size(), NAMES)));
  }

  /** As fine-tuning leaves it: without mask token and head for pixels. */
  private static MemoryTensors official(PortableModel model) {
    MemoryTensors tensors = MemoryTensors.of(ForeignExport.official(model));
    List.copyOf(tensors.names()).stream()
        .filter(name -> name.contains("mask_token") || name.startsWith("decoder"))
        .forEach(tensors::remove);
    return tensors;
  }

  static Stream<Arguments> models() {
    RelativePositionBias none = RelativePositionBias.NONE;
    RelativePositionBias perBlock = RelativePositionBias.PER_BLOCK;
    Library hugging = Library.HUGGINGFACE;
    Library timm = Library.TIMM;
    PortableModel swin = swin(EncoderType.SWIN, 0, 4, false);
    PortableModel swinV2 = swin(EncoderType.SWINV2, 0, 4, false);
    return Stream.of(
        Arguments.of("BeitForImageClassification", hugging, vit(perBlock, MEAN)),
        Arguments.of("BeitForImageClassification", hugging, vit(perBlock, CLASS_TOKEN)),
        Arguments.of("BeitForImageClassification", hugging, vit(none, MEAN)),
        Arguments.of("ViTForImageClassification", hugging, vit(none, CLASS_TOKEN)),
        Arguments.of("SwinForImageClassification", hugging, swin),
        Arguments.of("Swinv2ForImageClassification", hugging, swinV2),
        Arguments.of("beit_base_patch16_224", timm, vit(perBlock, MEAN)),
        Arguments.of("beit_base_patch16_224", timm, vit(perBlock, CLASS_TOKEN)),
        Arguments.of("vit_base_patch16_224", timm, vit(none, MEAN)),
        Arguments.of("vit_base_patch16_224", timm, vit(none, CLASS_TOKEN)),
        Arguments.of("swin_base_patch4_window7_224", timm, swin),
        Arguments.of("swinv2_base_window8_256", timm, swinV2),
        Arguments.of("vit", Library.SIMMIM, vit(perBlock, MEAN)),
        Arguments.of("vit", Library.SIMMIM, vit(none, CLASS_TOKEN)),
        Arguments.of("swin", Library.SIMMIM, swin),
        Arguments.of("swinv2", Library.SIMMIM, swin(EncoderType.SWINV2, 1, 3, true)));
  }

  @ParameterizedTest
  @MethodSource("models")
  void readsWhatItWroteToTheSameBytes(String architecture, Library library, PortableModel model)
      throws IOException {
    MemoryTensors official = official(model);
    ForeignExport export = ForeignExport.of(library, model, official, "");
    MemoryTensors theirs = MemoryTensors.of(export.tensors());

    ForeignModel read =
        ForeignModel.read(ForeignText.of(export.config().toString()), theirs).orElseThrow();
    MemoryTensors again = MemoryTensors.of(read.official(Absent.LEFT_OUT));
    ForeignExport second = read.export(MemoryTensors.of(read.official(Absent.ZERO)));
    MemoryTensors written = MemoryTensors.of(second.tensors());

    assertThat(export.architecture()).isEqualTo(architecture);
    assertThat(export.hasHead()).isFalse();
    assertThat(read.model().encoder()).isEqualTo(model.encoder());
    assertThat(read.model().norms()).isEqualTo(model.model().norms());
    assertThat(read.head()).isEqualTo(model.head());
    assertThat(read.extra()).isEmpty();
    assertThat(read.missing())
        .containsExactly("decoder.0.bias", "decoder.0.weight", "encoder.mask_token");
    assertThat(again.names()).containsAll(official.names());
    official.names().forEach(n -> assertThat(again.bytes(n)).as(n).isEqualTo(official.bytes(n)));
    assertThat(second.config()).isEqualTo(export.config());
    assertThat(written.names()).isEqualTo(theirs.names());
    theirs.names().forEach(n -> assertThat(written.bytes(n)).as(n).isEqualTo(theirs.bytes(n)));
  }

  @Test
  void hasTheNamesOfEachLibrary() throws IOException {
    PortableModel mean = vit(RelativePositionBias.PER_BLOCK, MEAN);
    PortableModel swin = swin(EncoderType.SWIN, 0, 4, false);

    assertThat(names(Library.HUGGINGFACE, mean))
        .contains(
            "beit.embeddings.cls_token",
            "beit.pooler.layernorm.weight",
            "classifier.weight",
            "classifier.bias")
        .doesNotContain("beit.embeddings.mask_token", "beit.layernorm.weight");
    assertThat(names(Library.TIMM, mean)).contains("fc_norm.weight", "head.weight", "cls_token");
    assertThat(names(Library.SIMMIM, mean)).contains("fc_norm.weight", "head.weight", "cls_token");
    assertThat(names(Library.TIMM, swin))
        .contains("head.fc.weight", "head.fc.bias", "layers.1.downsample.norm.weight");
    assertThat(names(Library.SIMMIM, swin))
        .contains("head.weight", "layers.0.downsample.norm.weight", "norm.weight");
  }

  private static Iterable<String> names(Library library, PortableModel model) throws IOException {
    return MemoryTensors.of(ForeignExport.of(library, model, official(model), "").tensors())
        .names();
  }

  @Test
  void labelsAreWhereEachLibraryLooksForThem() throws IOException {
    PortableModel model = vit(RelativePositionBias.NONE, CLASS_TOKEN);
    ObjectNode hugging = ForeignExport.of(Library.HUGGINGFACE, model, official(model), "").config();
    ObjectNode timm = ForeignExport.of(Library.TIMM, model, official(model), "").config();

    assertThat(hugging.path("id2label").path("2").asText()).isEqualTo(NAMES.get(2));
    assertThat(hugging.path("label2id").path("cat").asInt(-1)).isZero();
    assertThat(timm.path("num_classes").asInt()).isEqualTo(NAMES.size());
    assertThat(timm.at("/pretrained_cfg/num_classes").asInt()).isEqualTo(NAMES.size());
    assertThat(timm.at("/pretrained_cfg/label_names/1").asText()).isEqualTo(NAMES.get(1));
  }

  @Test
  void doesWithoutNamesOfClasses() throws IOException {
    ModelConfig model = vit(RelativePositionBias.NONE, CLASS_TOKEN).model();
    PortableModel nameless =
        new PortableModel(model, Optional.of(new ClassifierHead(2, List.of())));
    ForeignExport timm = ForeignExport.of(Library.TIMM, nameless, official(nameless), "");

    ForeignModel read =
        ForeignModel.read(
                ForeignText.of(timm.config().toString()), MemoryTensors.of(timm.tensors()))
            .orElseThrow();

    assertThat(read.head()).isEqualTo(nameless.head());
    assertThat(
            ForeignExport.of(Library.HUGGINGFACE, nameless, official(nameless), "")
                .config()
                .at("/id2label/1")
                .asText())
        .isEqualTo("LABEL_1");
  }

  /** transformers refuses to tell one class from none. */
  @Test
  void saysTheProblemOfSeveralClassesAlone() throws IOException {
    ModelConfig model = vit(RelativePositionBias.NONE, CLASS_TOKEN).model();
    PortableModel two = new PortableModel(model, Optional.of(new ClassifierHead(2, List.of())));
    PortableModel one = new PortableModel(model, Optional.of(new ClassifierHead(1, List.of())));

    ForeignExport several = ForeignExport.of(Library.HUGGINGFACE, two, official(two), "");
    ForeignExport single = ForeignExport.of(Library.HUGGINGFACE, one, official(one), "");

    assertThat(several.config().has("problem_type")).isTrue();
    assertThat(single.config().has("problem_type")).isFalse();
  }

  /** timm's mean of normalised cells is not the normalised mean of the cells. */
  @Test
  void keepsAHeadThatLooksAtSomethingElseBesides() throws IOException {
    PortableModel model = vit(RelativePositionBias.NONE, CLASS_TOKEN);
    ForeignExport export = ForeignExport.of(Library.TIMM, model, official(model), "");
    String config = export.config().toString().replace("\"token\"", "\"avg\"");

    ForeignModel read =
        ForeignModel.read(ForeignText.of(config), MemoryTensors.of(export.tensors())).orElseThrow();

    assertThat(read.head()).isEmpty();
    assertThat(read.extra()).containsExactly("head.bias", "head.weight");
  }

  /** In our own format it is not beside the description but in it. */
  @Test
  void keepsHowImagesAreShown() throws IOException {
    Normalization half = new Normalization(List.of(0.5, 0.5, 0.5), List.of(0.5, 0.5, 0.5));
    ModelConfig model = vit(RelativePositionBias.NONE, CLASS_TOKEN).model().withNormalization(half);
    PortableModel shown =
        new PortableModel(model, Optional.of(new ClassifierHead(2, List.of("cat", "dog"))));
    ForeignExport export = ForeignExport.of(Library.SIMMIM, shown, official(shown), "");

    ForeignModel read =
        ForeignModel.read(
                ForeignText.of(export.config().toString()), MemoryTensors.of(export.tensors()))
            .orElseThrow();

    assertThat(read.model().normalization()).isEqualTo(half);
    assertThat(read.saysNormalization()).isTrue();
  }

  @Test
  void namesAClassifierThatIsMissing() throws IOException {
    PortableModel model = swin(EncoderType.SWIN, 0, 4, false);
    ForeignExport export = ForeignExport.of(Library.SIMMIM, model, official(model), "");
    MemoryTensors tensors = MemoryTensors.of(export.tensors());
    tensors.remove("head.bias");
    tensors.put("head.weight", List.of(4L, 16L), new byte[256]);

    assertThatThrownBy(() -> ForeignModel.read(ForeignText.of(export.config().toString()), tensors))
        .hasMessage("tensors are missing: head.bias");
  }

  @Test
  void saysWhichFormatCanInstead() {
    assertRefused(
        Library.HUGGINGFACE,
        vit(false, RelativePositionBias.PER_BLOCK, MEAN, false),
        "BeitForImageClassification's queries and values have biases, this model encoder.qkv-bias"
            + " false; --format timm can");
    assertRefused(
        Library.TIMM,
        swin(EncoderType.SWIN, 0, 4, true),
        "timm's Swin has no absolute positions, this model encoder.absolute-position true;"
            + " --format huggingface can");
    assertRefused(
        Library.HUGGINGFACE,
        swin(EncoderType.SWINV2, 1, 4, false),
        "Swinv2ForImageClassification has no norms on the main branch, this model"
            + " encoder.main-norm-interval 1; --format simmim can");
    assertRefused(
        Library.SIMMIM,
        vit(RelativePositionBias.NONE, new NormConfig(1e-12, false)),
        "the official fine-tuning code has layer norms with epsilon 1.0E-6, this model 1.0E-12;"
            + " --format huggingface can");
  }

  private static void assertRefused(Library library, PortableModel model, String message) {
    MemoryTensors official = official(model);
    assertThatThrownBy(() -> ForeignExport.of(library, model, official, ""))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  /** One value more than the classifier has would be another layout. */
  @Test
  void isAsWideAsTheEncoder() {
    List<TensorSpec> specs = ForeignExport.official(swin(EncoderType.SWIN, 0, 4, false));

    assertThat(specs.get(specs.size() - 2))
        .isEqualTo(new TensorSpec("head.weight", List.of(3L, 16L)));
  }
}

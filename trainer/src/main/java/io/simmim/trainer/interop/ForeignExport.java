package io.simmim.trainer.interop;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simmim.trainer.interop.layout.ClassifierHead;
import io.simmim.trainer.interop.layout.ForeignKind;
import io.simmim.trainer.interop.layout.Library;
import io.simmim.trainer.interop.layout.PortableModel;
import io.simmim.trainer.interop.names.LinkedTensors;
import io.simmim.trainer.interop.names.TensorLink;
import io.simmim.trainer.interop.names.TensorSource;
import io.simmim.trainer.model.MaskedImageModel;
import io.simmim.trainer.model.ModelConfig;
import io.simmim.trainer.model.parameter.ParameterSpec;
import io.simmim.trainer.model.parameter.TensorSpec;
import io.simmim.trainer.model.target.ClusterColors;
import io.simmim.trainer.model.target.TargetType;
import io.simmim.trainer.state.StateReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** A model under official names as a library lays it out. */
public final class ForeignExport {
  /** Code of Pillow for bicubic interpolation. */
  private static final int BICUBIC = 3;

  /** Of a masked autoencoder the second. */
  private static final Set<String> MASK_TOKENS = Set.of("encoder.mask_token", "mask_token");

  private static final String PIXEL_HEAD = "decoder";

  /** What the encoder's own class may have besides. */
  private static final Pattern POOLER = Pattern.compile("([a-z0-9_]+\\.)?pooler\\..*");

  private static final String STATISTICS = "running_mean";
  private static final double SHORTER_SIDE = 256.0 / 224;

  private final ForeignKind kind;
  private final PortableModel model;
  private final TensorSource official;
  private final Map<String, List<Long>> extra = new TreeMap<>();
  private final Set<String> leftOut = new TreeSet<>();

  /**
   * @param kind can represent the model
   */
  ForeignExport(ForeignKind kind, PortableModel model, TensorSource official) throws IOException {
    this.kind = kind;
    this.official = official;
    this.model = asFarAsThere(model, official);
    String prefix = ForeignModel.extraPrefix(kind);
    for (String name : official.names()) {
      if (name.startsWith(prefix)) {
        String theirs = name.substring(prefix.length());
        if (hasPlace(theirs)) {
          extra.put(theirs, official.shape(name));
        } else {
          leftOut.add(theirs);
        }
      }
    }
  }

  private static PortableModel asFarAsThere(PortableModel model, TensorSource official) {
    return model.with(
        official.names().stream().anyMatch(MASK_TOKENS::contains),
        official.names().stream().anyMatch(name -> name.startsWith(PIXEL_HEAD)));
  }

  /** Whether the class that is written has a tensor that no model here has. */
  private boolean hasPlace(String name) {
    return !model.isClassifier() && !hasHead() && POOLER.matcher(name).matches();
  }

  /**
   * Lays out a model.
   *
   * @param official has its tensors under their official names
   * @param layout that the model was read from, or empty: it is taken again if the library has it
   * @throws IllegalArgumentException if the library cannot represent it; the message says why, and
   *     which format can
   */
  public static ForeignExport of(
      Library library, PortableModel model, TensorSource official, String layout)
      throws IOException {
    ForeignKind kind =
        ForeignKinds.of(library).stream()
            .filter(known -> known.id().equals(layout))
            .findFirst()
            .orElse(ForeignKinds.of(library, model));
    PortableModel found = asFarAsThere(model, official);
    Optional<String> obstacle = kind.obstacle(found);
    if (obstacle.isPresent()) {
      throw new IllegalArgumentException(
          "%s; --format %s can".formatted(obstacle.get(), nearest(library, found)));
    }
    return new ForeignExport(kind, model, official);
  }

  /** The library that can represent a model, or our own format. */
  private static String nearest(Library library, PortableModel model) {
    for (Library other : Library.values()) {
      ForeignKind kind = ForeignKinds.of(other, model);
      if (other != library && kind.obstacle(model).isEmpty()) {
        boolean whole = model.isClassifier() || !model.pixelHead() || kind.hasHead();
        return other.formatName() + (whole ? "" : " (the encoder alone)");
      }
    }
    return "simmim";
  }

  /** Names of the library's tensors that no model here has, nor the class that is written. */
  public Set<String> leftOut() {
    return leftOut;
  }

  /** The library's tensors: names begin with {@code param/}. */
  public StateReader tensors() {
    List<TensorLink> links = new ArrayList<>();
    List<TensorSpec> specs = new ArrayList<>(official(model));
    boolean encoderAlone = kind.hasHead() && !model.pixelHead();
    specs.removeIf(
        spec ->
            MASK_TOKENS.contains(spec.name())
                ? !model.maskToken() || (encoderAlone && !model.isClassifier())
                : spec.name().startsWith(PIXEL_HEAD) && !model.pixelHead());
    for (TensorLink link : kind.names(model, extra.keySet()).links(specs)) {
      links.add(link.reversed());
    }
    String prefix = ForeignModel.extraPrefix(kind);
    extra.forEach(
        (name, shape) ->
            links.add(
                new TensorLink(
                    List.of(new TensorLink.Part(new TensorSpec(name, shape), false)),
                    List.of(new TensorLink.Part(new TensorSpec(prefix + name, shape), false)))));
    return new LinkedTensors(official, links);
  }

  /**
   * Names of counters that the library keeps beside the statistics of batch norms, whole numbers of
   * 64 bits. They are not known here; nothing but training with them looks at their values.
   */
  public List<String> counters() {
    if (library() != Library.HUGGINGFACE) {
      return List.of(); // PyTorch itself does without them
    }
    return tensors().tensors().stream()
        .map(tensor -> tensor.name().substring("param/".length()))
        .filter(name -> name.endsWith(STATISTICS))
        .map(name -> name.replace(STATISTICS, "num_batches_tracked"))
        .toList();
  }

  /** Official names and shapes of a model's parameters, with those of a classifier behind them. */
  static List<TensorSpec> official(PortableModel portable) {
    List<TensorSpec> specs = new ArrayList<>(official(portable.model()));
    if (portable.isClassifier()) {
      long classes = portable.head().orElseThrow().classes();
      long width = portable.featureWidth();
      specs.add(new TensorSpec(ClassifierHead.PREFIX + "weight", List.of(classes, width)));
      specs.add(new TensorSpec(ClassifierHead.PREFIX + "bias", List.of(classes)));
    }
    return specs;
  }

  /** Official names and shapes of the parameters of a model that is pre-trained. */
  static List<TensorSpec> official(ModelConfig model) {
    int colors = 3 * model.target().clusters();
    boolean clusters = model.target().type() == TargetType.CLUSTERS;
    return new MaskedImageModel(
            model, clusters ? new ClusterColors(new float[colors]) : ClusterColors.NONE)
        .parameters().stream().map(ParameterSpec::tensor).toList();
  }

  /** The {@code config.json}. */
  public ObjectNode config() {
    ObjectNode json = new ObjectMapper().createObjectNode();
    kind.describe(json, model);
    return json;
  }

  /** The {@code preprocessor_config.json} of transformers: how images are shown in evaluation. */
  public Optional<ObjectNode> preprocessor() {
    if (library() != Library.HUGGINGFACE) {
      return Optional.empty();
    }
    int size = model.model().imageSize();
    ObjectNode json = new ObjectMapper().createObjectNode();
    json.put("image_processor_type", "BitImageProcessor");
    json.put("do_convert_rgb", true);
    json.put("do_resize", true);
    json.putObject("size").put("shortest_edge", (int) (SHORTER_SIDE * size));
    json.put("resample", BICUBIC);
    json.put("do_center_crop", true);
    json.putObject("crop_size").put("height", size).put("width", size);
    json.put("do_rescale", true);
    json.put("rescale_factor", 1 / 255.0);
    json.put("do_normalize", true);
    json.putPOJO("image_mean", model.model().normalization().mean());
    json.putPOJO("image_std", model.model().normalization().deviation());
    return Optional.of(json);
  }

  /** The class or registered name that loads it. */
  public String architecture() {
    return kind.architecture(model);
  }

  public Library library() {
    return kind.library();
  }

  /** Whether the prediction of pixels is part of it. */
  public boolean hasHead() {
    return kind.hasHead() && model.pixelHead();
  }
}

package io.simmim.trainer.interop;

import io.simmim.schemas.Normalization;
import io.simmim.schemas.text.PrintableText;
import io.simmim.trainer.interop.layout.ClassifierHead;
import io.simmim.trainer.interop.layout.ForeignConfig;
import io.simmim.trainer.interop.layout.ForeignKind;
import io.simmim.trainer.interop.layout.ForeignNormalization;
import io.simmim.trainer.interop.layout.ForeignShapes;
import io.simmim.trainer.interop.layout.ForeignText;
import io.simmim.trainer.interop.layout.Library;
import io.simmim.trainer.interop.layout.PortableModel;
import io.simmim.trainer.interop.names.FiniteTensors;
import io.simmim.trainer.interop.names.LinkedTensors;
import io.simmim.trainer.interop.names.TensorLink;
import io.simmim.trainer.interop.names.TensorLink.Part;
import io.simmim.trainer.interop.names.TensorSource;
import io.simmim.trainer.model.ModelConfig;
import io.simmim.trainer.model.parameter.TensorSpec;
import io.simmim.trainer.state.StateReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * A model in the layout of transformers or timm, or one that was fine-tuned here, read as one under
 * official names ({@link PortableModel}). Its own tensors that no model here has, such as a pooler,
 * are kept beside them, so that it can be written again as it was.
 */
public final class ForeignModel {
  /** Key of a file's metadata under which official tensors note where they came from. */
  public static final String LAYOUT = "layout";

  /** Key of a file's metadata: official names, with commas, of zeros that stand for nothing. */
  public static final String ABSENT = "absent";

  /** Before names of tensors that only a library knows; its kind and their names follow. */
  private static final String EXTRA = "library/";

  private static final int SHOWN_NAMES = 8;

  /** What a model may lack, since training begins it anew. */
  private static final Pattern OURS_ALONE =
      Pattern.compile("(encoder\\.)?mask_token|decoder\\..*|decoder_.*");

  /** What a library's model may have besides: heads, and what they look at. */
  private static final Pattern HEADS =
      Pattern.compile(
          "(classifier|head|head_dist|fc|lm_head|decode_head|auxiliary_head|fpn[0-9]|layernorm"
              + "|([a-z0-9_]+\\.)?pooler)\\..*");

  /** Tensors that follow from others, which some versions write as well; counters among them. */
  private static final Pattern BUFFERS =
      Pattern.compile(
          ".*(relative_position_index|relative_coords_table|attn_mask|num_batches_tracked|position_ids)");

  private final ForeignKind kind;
  private final PortableModel model;
  private final boolean saysNormalization;
  private final TensorSource source;
  private final List<TensorLink> links = new ArrayList<>();
  private final Set<String> missing = new TreeSet<>();
  private final Set<String> extra;

  private ForeignModel(
      ForeignKind kind, PortableModel model, boolean saysNormalization, TensorSource source)
      throws IOException {
    this.kind = kind;
    this.model = model;
    this.saysNormalization = saysNormalization;
    this.source = new FiniteTensors(source);
    extra = new TreeSet<>(source.names());
    extra.removeIf(ForeignModel::followsFromOthers);
    List<String> lacking = new ArrayList<>();
    List<String> misshapen = new ArrayList<>();
    Set<String> linked = new HashSet<>();
    for (TensorLink link : kind.names(model, extra).links(ForeignExport.official(model))) {
      link.ours().forEach(part -> linked.add(part.name()));
      List<Part> absent = link.theirs().stream().filter(part -> !has(part)).toList();
      if (absent.isEmpty()) {
        links.add(link);
        addMisshapen(link, misshapen);
      } else if (OURS_ALONE.matcher(link.ours().get(0).name()).matches()) {
        link.ours().forEach(part -> missing.add(part.name()));
      } else {
        absent.forEach(part -> lacking.add(part.name()));
      }
      link.theirs().forEach(part -> extra.remove(part.name()));
    }
    ForeignExport.official(model).stream()
        .map(TensorSpec::name)
        .filter(name -> !linked.contains(name))
        .forEach(missing::add);
    refuse("tensors are missing", lacking);
    refuse("tensors have another shape than the configuration says", misshapen);
    refuse(
        "there are tensors that no such model has",
        extra.stream().filter(name -> !HEADS.matcher(name).matches()).toList());
  }

  /** Whether a tensor of a library is one that no model needs, since it follows from others. */
  public static boolean followsFromOthers(String name) {
    return BUFFERS.matcher(name).matches();
  }

  private boolean has(Part part) {
    return source.names().contains(part.name());
  }

  private void addMisshapen(TensorLink link, List<String> misshapen) throws IOException {
    for (Part part : link.theirs()) {
      List<Long> found = source.shape(part.name());
      if (!found.equals(part.tensor().shape())) {
        misshapen.add("%s %s, not %s".formatted(part.name(), found, part.tensor().shape()));
      }
    }
  }

  private static void refuse(String what, List<String> names) {
    if (!names.isEmpty()) {
      throw new IllegalArgumentException("%s: %s".formatted(what, shown(names)));
    }
  }

  private static String shown(List<String> names) {
    String text = String.join(", ", names.subList(0, Math.min(SHOWN_NAMES, names.size())));
    int more = names.size() - SHOWN_NAMES;
    return PrintableText.of(more > 0 ? "%s and %d more".formatted(text, more) : text);
  }

  /**
   * Reads a model.
   *
   * @param text what the files beside its weights say
   * @param source its tensors, which the caller keeps open
   * @return nothing if the configuration is that of no library here
   * @throws IllegalArgumentException if there is no such model here, or the tensors are not those
   *     of the configuration, and where a value that is not finite is read later; the message is
   *     one line for people
   * @throws IOException if a tensor is not fp32
   */
  public static Optional<ForeignModel> read(ForeignText text, TensorSource source)
      throws IOException {
    Optional<ForeignConfig> parsed = ForeignConfig.parse(text.config());
    return parsed.isPresent()
        ? Optional.of(read(parsed.get(), text.preprocessor(), source))
        : Optional.empty();
  }

  private static ForeignModel read(
      ForeignConfig config, Optional<String> preprocessor, TensorSource source) throws IOException {
    ForeignKind kind =
        ForeignKinds.of(config.library()).stream()
            .filter(candidate -> candidate.describes(config, source.names()))
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "%s has no counterpart here: %s"
                            .formatted(
                                config.library().title(),
                                PrintableText.of(config.architecture()))));
    try {
      ForeignShapes shapes = new ForeignShapes(source);
      ModelConfig model = kind.read(config, shapes);
      boolean saysNormalization = true;
      if (config.library() != Library.SIMMIM) {
        Optional<Normalization> said = ForeignNormalization.of(config, preprocessor);
        saysNormalization = said.isPresent();
        model = model.withNormalization(said.orElse(Normalization.IMAGENET));
      }
      return new ForeignModel(
          kind, new PortableModel(model, kind.head(config, shapes)), saysNormalization, source);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /** Whether a {@code config.json} is not that of a model that was pre-trained here. */
  public static boolean isForeign(String config) {
    return ForeignConfig.parse(config).isPresent();
  }

  /** What it is here, less its classifier. */
  public ModelConfig model() {
    return model.model();
  }

  /** Whether the files beside the weights say how images are normalised. */
  public boolean saysNormalization() {
    return saysNormalization;
  }

  /** The classifier behind the encoder, if it has one that is known here. */
  public Optional<ClassifierHead> head() {
    return model.head();
  }

  /** Official names of what the library's model has not got: mask token, head. */
  public Set<String> missing() {
    return missing;
  }

  /** The library's names of what no model here has. */
  public Set<String> extra() {
    return extra;
  }

  /** The first names of {@link #extra}, for people. */
  public String leftOver() {
    return shown(List.copyOf(extra));
  }

  /**
   * The tensors under their official names, in a state's form, with those that only the library
   * knows behind them.
   *
   * @param absent what stands for {@link #missing} tensors
   */
  public StateReader official(Absent absent) throws IOException {
    List<TensorLink> all = new ArrayList<>(links);
    for (String name : extra) {
      List<Long> shape = source.shape(name);
      all.add(link(new TensorSpec(extraPrefix(kind) + name, shape), new TensorSpec(name, shape)));
    }
    if (absent == Absent.ZERO) {
      for (TensorSpec spec : ForeignExport.official(model)) {
        if (missing.contains(spec.name())) {
          all.add(link(spec, spec));
        }
      }
    }
    return new LinkedTensors(source, all);
  }

  /** What stands for tensors that are not there. */
  public enum Absent {
    /** Nothing. */
    LEFT_OUT,
    /** Zeros, where nothing looks at the values. */
    ZERO
  }

  private static TensorLink link(TensorSpec ours, TensorSpec theirs) {
    return new TensorLink(List.of(new Part(ours, false)), List.of(new Part(theirs, true)));
  }

  /**
   * Writes the model as it was.
   *
   * @param official its tensors as {@link #official} has them
   */
  public ForeignExport export(TensorSource official) throws IOException {
    return new ForeignExport(kind, model, official.without(missing));
  }

  /** Name of its layout, such as {@code timm-vit}. */
  public String layout() {
    return kind.id();
  }

  /** Whether a layout, or none if it is empty, is that of a library. */
  public static boolean isOfOthers(String layout) {
    return !layout.isEmpty() && !layout.equals(OfficialClassifier.ID);
  }

  /** The library that it is of. */
  public Library library() {
    return kind.library();
  }

  /** Whether a name that {@link #official} gives is that of a tensor which only a library knows. */
  static boolean isExtra(String name) {
    return name.startsWith(EXTRA);
  }

  static String extraPrefix(ForeignKind kind) {
    return EXTRA + kind.id() + "/";
  }
}

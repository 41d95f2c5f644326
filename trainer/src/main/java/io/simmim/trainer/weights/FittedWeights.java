package io.simmim.trainer.weights;

import io.simmim.schemas.UserError;
import io.simmim.schemas.text.PrintableText;
import io.simmim.trainer.model.parameter.ParameterSpec;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Weights in the names and shapes of a model that begins with them. An encoder must be there whole,
 * and nothing of it may be left over. Positions of another resolution or window are resampled. What
 * the head lacks is drawn, all of it, as if the model began without weights: another task may have
 * had another head.
 *
 * <p>Each value that is read must be finite.
 */
public final class FittedWeights implements NamedTensors {
  private static final int MOST_NAMES = 5;

  /** Official names of prediction heads and decoders; of classifiers behind the same encoders. */
  private static final Pattern HEAD =
      Pattern.compile(
          "(encoder\\.)?(decoder[._].*|head(_dist)?\\..*|fc_norm\\..*|fc\\..*|classifier\\..*)");

  private static final Pattern MASK_TOKEN = Pattern.compile("(.*\\.)?mask_token");

  /** What the official code keeps beside the weights, computed from the configuration. */
  private static final Pattern COMPUTED =
      Pattern.compile(
          ".*(relative_position_index|relative_coords_table|attn_mask|num_batches_tracked)");

  private final NamedTensors file;
  private final Map<String, List<Long>> shapes = new LinkedHashMap<>();
  private final Map<String, Resampling> resampled = new LinkedHashMap<>();
  private final Set<String> drawn = new LinkedHashSet<>();
  private final Set<String> otherHead = new LinkedHashSet<>();
  private final List<String> notes = new ArrayList<>();

  /** The tensor that was resampled last, which is read in pieces. */
  private String latestName = "";

  private float[] latest = {};

  private FittedWeights(NamedTensors file) {
    this.file = file;
  }

  /**
   * Fits what a file holds to a model.
   *
   * @param origin how people call the file
   * @param file closed with what is returned, or if it does not fit
   * @throws UserError that names what is missing, left over or of another shape
   */
  public static FittedWeights of(String origin, List<ParameterSpec> model, NamedTensors file)
      throws IOException {
    try {
      FittedWeights fitted = new FittedWeights(OfficialNames.of(file, model));
      fitted.fit(origin, model);
      return fitted;
    } catch (RuntimeException e) {
      file.close();
      throw e;
    }
  }

  /**
   * The same for a classifier whose head is new, whatever the file has of one. What a classifier
   * has in another form is taken over: see {@link ClassifierTensors}.
   */
  public static FittedWeights ofClassifier(
      String origin, List<ParameterSpec> model, NamedTensors file) throws IOException {
    try {
      NamedTensors official = OfficialNames.of(file, model);
      FittedWeights fitted = new FittedWeights(ClassifierTensors.of(official, model));
      Set<String> heads = new LinkedHashSet<>(official.shapes().keySet());
      heads.removeIf(name -> !isHead(name) || fitted.file.shapes().containsKey(name));
      fitted.otherHead.addAll(heads);
      fitted.fit(origin, model);
      return fitted;
    } catch (RuntimeException e) {
      file.close();
      throw e;
    }
  }

  private void fit(String origin, List<ParameterSpec> model) {
    Set<String> leftOver = new LinkedHashSet<>(file.shapes().keySet());
    leftOver.removeIf(name -> COMPUTED.matcher(name).matches());
    List<String> missing = new ArrayList<>();
    List<String> misshapen = new ArrayList<>();
    for (ParameterSpec spec : model) {
      leftOver.remove(spec.name());
      List<Long> found = file.shapes().get(spec.name());
      boolean replaceable = isHead(spec.name());
      if (found == null && !replaceable && !MASK_TOKEN.matcher(spec.name()).matches()) {
        missing.add(spec.name());
      } else if (found == null) {
        drawn.add(spec.name());
      } else if (!take(spec, found) && replaceable) {
        drawn.add(spec.name());
      } else if (!shapes.containsKey(spec.name())) {
        misshapen.add("%s %s instead of %s".formatted(spec.name(), found, spec.tensor().shape()));
      }
    }
    leftOver.stream().filter(FittedWeights::isHead).forEach(otherHead::add);
    leftOver.removeIf(name -> isHead(name) || MASK_TOKEN.matcher(name).matches());
    requireNone(origin, missing, leftOver, misshapen);
    if (drawn.stream().anyMatch(FittedWeights::isHead)) {
      model.stream().map(ParameterSpec::name).filter(FittedWeights::isHead).forEach(drawn::add);
    }
    drawn.forEach(shapes::remove);
    tell();
  }

  /** Takes a tensor over if it has the model's shape, or positions of another one. */
  private boolean take(ParameterSpec spec, List<Long> found) {
    List<Long> wanted = spec.tensor().shape();
    if (!found.equals(wanted)) {
      Optional<Resampling> resampling = Resampling.of(spec.name(), found, wanted);
      if (resampling.isEmpty()) {
        return false;
      }
      resampled.put(spec.name(), resampling.get());
    }
    shapes.put(spec.name(), wanted);
    return true;
  }

  private static boolean isHead(String name) {
    return HEAD.matcher(name).matches();
  }

  private static void requireNone(
      String origin, List<String> missing, Set<String> leftOver, List<String> misshapen) {
    List<String> faults = new ArrayList<>();
    if (!missing.isEmpty()) {
      faults.add("missing " + some(missing));
    }
    if (!leftOver.isEmpty()) {
      faults.add("left over " + some(List.copyOf(leftOver)));
    }
    if (!misshapen.isEmpty()) {
      faults.add("of another shape " + some(misshapen));
    }
    if (!faults.isEmpty()) {
      throw new UserError(
          "the weights in %s are not of this model: %s"
              .formatted(origin, String.join("; ", faults)));
    }
  }

  private static String some(List<String> names) {
    String first =
        PrintableText.of(String.join(", ", names.subList(0, Math.min(MOST_NAMES, names.size()))));
    return names.size() <= MOST_NAMES
        ? first
        : "%s and %d more".formatted(first, names.size() - MOST_NAMES);
  }

  private void tell() {
    Map<String, List<String>> alike = new TreeMap<>();
    resampled.forEach(
        (name, how) -> alike.computeIfAbsent(how.text(), key -> new ArrayList<>()).add(name));
    alike.forEach((how, names) -> notes.add("resampled %s: %s".formatted(how, some(names))));
    if (!otherHead.isEmpty()) {
      notes.add("left over, of another head: " + some(List.copyOf(otherHead)));
    }
    if (!drawn.isEmpty()) {
      notes.add("drawn anew, as the weights do not have them: " + some(List.copyOf(drawn)));
    }
  }

  /** What differs from the file, one line each, for people. */
  public List<String> notes() {
    return List.copyOf(notes);
  }

  /** Parameters of the model that the file does not have. */
  public Set<String> drawn() {
    return Set.copyOf(drawn);
  }

  @Override
  public Map<String, List<Long>> shapes() {
    return Map.copyOf(shapes);
  }

  /**
   * Reads values.
   *
   * @throws UserError if one is not finite
   */
  @Override
  public void read(String name, long start, FloatBuffer into) throws IOException {
    int begin = into.position();
    if (resampled.containsKey(name)) {
      into.put(resampled(name), Math.toIntExact(start), into.remaining());
    } else {
      file.read(name, start, into);
    }
    for (int i = begin; i < into.limit(); i++) {
      requireFinite(name, start + i - begin, into.get(i));
    }
  }

  private float[] resampled(String name) throws IOException {
    if (!name.equals(latestName)) {
      float[] before = file.read(name);
      for (int i = 0; i < before.length; i++) {
        requireFinite(name, i, before[i]);
      }
      latest = resampled.get(name).apply(before);
      latestName = name;
    }
    return latest;
  }

  private static void requireFinite(String name, long at, float value) {
    if (!Float.isFinite(value)) {
      throw new UserError(
          "weights must be finite: value %d of %s is %s"
              .formatted(at, PrintableText.of(name), value));
    }
  }

  /**
   * Reads every value once.
   *
   * @throws UserError if one is not finite
   */
  public void requireFinite() throws IOException {
    FloatBuffer piece = FloatBuffer.allocate(1 << 16);
    for (Map.Entry<String, List<Long>> tensor : shapes.entrySet()) {
      long elements = NamedTensors.elements(tensor.getValue());
      for (long at = 0; at < elements; at += piece.capacity()) {
        piece.clear().limit((int) Math.min(piece.capacity(), elements - at));
        read(tensor.getKey(), at, piece);
      }
    }
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}

package io.simmim.trainer.probe;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.simmim.trainer.torch.Arguments;
import io.simmim.trainer.torch.TorchDevice;
import io.simmim.trainer.torch.TorchModule;
import io.simmim.trainer.torch.TorchRuntime;
import io.simmim.trainer.torch.TorchScriptSource;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Linear classifiers of several sets of features at several learning rates: batch norm without
 * weight and bias, a linear layer, softmax and cross-entropy, as in the official MAE code ({@code
 * main_linprobe.py}; He et al., CVPR 2022, appendix A.1). All begin with zeros, since the problem
 * is convex. The optimizer is SGD with momentum, without weight decay.
 *
 * <p>Each call works in the calling thread alone, so a result depends on the calls for its own set
 * only. Threads may use different sets at once. Owns native memory: close it.
 */
public final class LinearProbe implements AutoCloseable {
  /** Weight of the moments. */
  public static final double MOMENTUM = 0.9;

  private static final double EPSILON = 1e-6;

  /** Tensors of the size of the logits that a step has at the same time. */
  private static final long LOGITS = 2;

  private static final String ENGINE = "PyTorch";

  /** Of one set of features. */
  private record State(
      int width,
      NDArray weights,
      NDArray biases,
      NDArray weightMoments,
      NDArray biasMoments,
      NDArray mean,
      NDArray variance) {}

  private final int classes;
  private final double[] rates;
  private final TorchModule module;
  private final NDManager manager;
  private final List<State> states = new ArrayList<>();

  /**
   * @param widths C of each set
   * @param classes K
   * @param rates R learning rates
   * @param device {@code cpu}, or {@code gpu0} and so on
   */
  public LinearProbe(List<Integer> widths, int classes, List<Double> rates, String device) {
    this.classes = classes;
    this.rates = rates.stream().mapToDouble(Double::doubleValue).toArray();
    TorchDevice.require(device);
    TorchRuntime.prepareThread(1);
    Device place = Device.fromName(device);
    module =
        TorchModule.compile(
            new TorchScriptSource()
                .add(
                    LinearProbe.class,
                    "probe.torchscript",
                    Map.of("momentum", MOMENTUM, "epsilon", EPSILON)),
            place);
    manager = NDManager.newBaseManager(place, ENGINE);
    try {
      widths.forEach(width -> states.add(begin(width)));
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
    manager.cap();
  }

  private State begin(int width) {
    Shape weights = new Shape(rates.length, classes, width);
    Shape biases = new Shape(rates.length, classes);
    return new State(
        width,
        manager.zeros(weights),
        manager.zeros(biases),
        manager.zeros(weights),
        manager.zeros(biases),
        manager.zeros(new Shape(width)),
        manager.ones(new Shape(width)));
  }

  /** Bytes that the classifiers and their moments take. */
  public static long bytes(List<Integer> widths, int classes, int rates) {
    long perInput = 2L * Float.BYTES * classes * rates;
    return widths.stream()
        .mapToLong(width -> perInput * (width + 1) + 2L * Float.BYTES * width)
        .sum();
  }

  /**
   * Bytes that an update of the classifiers of one set takes besides them, in the thread that calls
   * {@link #step}: the features three times, logits and what follows of them, and two tensors of
   * the size of the weights.
   */
  public static long stepBytes(int width, int classes, int rates, int batch) {
    long outputs = (long) classes * rates;
    return Float.BYTES * (3L * batch * width + LOGITS * batch * outputs + 2 * outputs * width);
  }

  /**
   * One update of all classifiers of a set.
   *
   * @param set its number
   * @param features (B, C), at least two
   * @param labels (B)
   * @param factor what the learning rates are multiplied by
   */
  public void step(int set, FloatBuffer features, long[] labels, double factor) {
    State state = states.get(set);
    TorchRuntime.prepareThread(1);
    try (NDManager step = manager.newSubManager()) {
      float[] scaled = new float[rates.length];
      for (int i = 0; i < scaled.length; i++) {
        scaled[i] = (float) (rates[i] * factor);
      }
      Arguments arguments =
          inputs(step, state, features, labels)
              .tensor(step.create(scaled))
              .tensor(state.weights)
              .tensor(state.biases)
              .tensor(state.weightMoments)
              .tensor(state.biasMoments)
              .tensor(state.mean)
              .tensor(state.variance);
      module.call(step, "step", arguments);
    }
  }

  /**
   * The place of each image's class among all, from 0. Of equally likely classes the lower number
   * comes first. A classifier that is not finite any more puts the class behind all others.
   *
   * @param set number of the set
   * @param features (B, C)
   * @param labels (B)
   * @return (B, R)
   */
  public long[] ranks(int set, FloatBuffer features, long[] labels) {
    State state = states.get(set);
    TorchRuntime.prepareThread(1);
    try (NDManager step = manager.newSubManager()) {
      Arguments arguments =
          inputs(step, state, features, labels)
              .tensor(state.weights)
              .tensor(state.biases)
              .tensor(state.mean)
              .tensor(state.variance);
      return module.call(step, "ranks", arguments).get(0).toLongArray();
    }
  }

  private Arguments inputs(NDManager step, State state, FloatBuffer features, long[] labels) {
    if (features.remaining() != (long) labels.length * state.width) {
      throw new IllegalArgumentException(
          "features of %d images must have %d values each: %d in all"
              .formatted(labels.length, state.width, features.remaining()));
    }
    if (Arrays.stream(labels).anyMatch(label -> label < 0 || label >= classes)) {
      throw new IllegalArgumentException(
          "labels must be from 0 to %d: %s".formatted(classes - 1, Arrays.toString(labels)));
    }
    return new Arguments()
        .tensor(step.create(features, new Shape(labels.length, state.width)))
        .tensor(step.create(labels));
  }

  /** (R, K, C), the weights of a set, for tests. */
  float[] weights(int set) {
    return states.get(set).weights.toFloatArray();
  }

  /** (R, K), the biases of a set, for tests. */
  float[] biases(int set) {
    return states.get(set).biases.toFloatArray();
  }

  /** (C), the running mean and the running variance of a set, for tests. */
  List<float[]> statistics(int set) {
    return List.of(states.get(set).mean.toFloatArray(), states.get(set).variance.toFloatArray());
  }

  @Override
  public void close() {
    manager.close();
    module.close();
  }
}

package io.simmim.trainer.device;

import io.simmim.trainer.optimizer.OptimizerConfig;
import io.simmim.trainer.torch.Precision;
import io.simmim.trainer.torch.Processor;
import java.io.Serializable;
import java.util.Objects;
import java.util.Optional;

/**
 * How a model is trained, whichever it is.
 *
 * @param optimizer AdamW and clipping
 * @param precision arithmetic of the forward and backward pass
 * @param threads threads of one operation on the CPU; 0 = one per core of the machine that trains
 * @param device {@code cpu}, or {@code gpu0} and so on
 * @param seed of the initial parameters and of stochastic depth
 */
public record TrainingSettings(
    OptimizerConfig optimizer, Precision precision, int threads, String device, long seed)
    implements Serializable {

  public TrainingSettings {
    Objects.requireNonNull(optimizer, "optimizer");
    Objects.requireNonNull(precision, "precision");
    require(threads, device);
  }

  /**
   * Checks what can be checked without a device.
   *
   * @throws IllegalArgumentException with the key, its value and what is allowed
   */
  public static void require(int threads, String device) {
    if (threads < 0) {
      throw new IllegalArgumentException(
          "training.threads must be at least 0 (0 = one per core): " + threads);
    }
    requireDevice(device);
  }

  /**
   * What is to be told before a training that works, but slowly.
   *
   * @param processor of the machine that trains
   */
  public Optional<String> slownessOn(Processor processor) {
    if (precision != Precision.BF16 || !device.equals("cpu")) {
      return Optional.empty();
    }
    return switch (processor.bfloat16()) {
      case NATIVE -> Optional.empty();
      case EMULATED ->
          Optional.of(
              "training.precision=bf16 gains nothing on this processor, which has no instructions for"
                  + " it (avx512_bf16, amx_bf16): steps take longer than with"
                  + " training.precision=fp32");
      case MISSING ->
          Optional.of(
              "training.precision=bf16 is not for this processor, which has neither instructions for"
                  + " it (avx512_bf16, amx_bf16) nor AVX-512 to emulate them: steps take ten to a"
                  + " hundred times as long as with training.precision=fp32");
    };
  }

  /**
   * Checks the name of a device.
   *
   * @throws IllegalArgumentException if no device is called so
   */
  public static void requireDevice(String device) {
    if (!device.matches("cpu|gpu[0-9]{1,2}")) {
      throw new IllegalArgumentException("training.device must be cpu or gpu0, gpu1 …: " + device);
    }
  }

  /** The same where no number of threads is left open: 0 becomes this machine's cores. */
  public TrainingSettings onThisMachine() {
    return threads > 0
        ? this
        : new TrainingSettings(
            optimizer, precision, Runtime.getRuntime().availableProcessors(), device, seed);
  }
}

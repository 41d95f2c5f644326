package io.simmim.trainer.optimizer;

import io.simmim.trainer.torch.TorchScriptSource;
import java.util.Map;

/** The update as TorchScript: one native call clips and applies AdamW to all parameters. */
public final class AdamW {
  private AdamW() {}

  /** Adds the method {@code update}. */
  public static TorchScriptSource addTo(TorchScriptSource source, OptimizerConfig config) {
    return source.add(
        AdamW.class,
        "adamw.torchscript",
        Map.of(
            "clips", config.clipGradNorm() > 0,
            "clip_norm", config.clipGradNorm() > 0 ? config.clipGradNorm() : 1.0,
            "weight_decay", config.weightDecay(),
            "beta1", config.beta1(),
            "beta2", config.beta2(),
            "epsilon", config.epsilon()));
  }
}

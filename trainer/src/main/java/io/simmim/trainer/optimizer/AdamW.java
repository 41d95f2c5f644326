package io.simmim.trainer.optimizer;

import io.simmim.trainer.torch.TorchScriptSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The update as TorchScript: one native call clips and applies AdamW to all parameters. */
public final class AdamW {
  private AdamW() {}

  /**
   * Adds the method {@code update}.
   *
   * @param groups in the order in which the method is given their parameters
   */
  public static TorchScriptSource addTo(
      TorchScriptSource source, OptimizerConfig config, List<ParameterGroup> groups) {
    List<Integer> ends = new ArrayList<>();
    int end = 0;
    for (ParameterGroup group : groups) {
      end += group.members().size();
      ends.add(end);
    }
    return source.add(
        AdamW.class,
        "adamw.torchscript",
        Map.of(
            "clips", config.clipGradNorm() > 0,
            "clip_norm", config.clipGradNorm() > 0 ? config.clipGradNorm() : 1.0,
            "groups", groups.size(),
            "ends", ends,
            "decays", groups.stream().map(ParameterGroup::weightDecay).toList(),
            "beta1", config.beta1(),
            "beta2", config.beta2(),
            "epsilon", config.epsilon()));
  }
}

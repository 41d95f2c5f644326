package io.simmim.trainer.optimizer;

import io.simmim.trainer.model.parameter.ParameterSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * Parameters that are updated alike.
 *
 * @param members numbers of the parameters, at least one
 * @param rateScale what the base learning rate is multiplied by
 * @param weightDecay of these parameters
 */
public record ParameterGroup(List<Integer> members, double rateScale, double weightDecay) {
  public ParameterGroup {
    members = List.copyOf(members);
    if (members.isEmpty()) {
      throw new IllegalArgumentException("a group must have at least 1 parameter: 0");
    }
  }

  /** Parameters with weight decay, then those without; all have the same rate. */
  public static List<ParameterGroup> byDecay(List<ParameterSpec> specs, double weightDecay) {
    List<Integer> decaying = new ArrayList<>();
    List<Integer> exempt = new ArrayList<>();
    for (int i = 0; i < specs.size(); i++) {
      (specs.get(i).decays() ? decaying : exempt).add(i);
    }
    return List.of(new ParameterGroup(decaying, 1, weightDecay), new ParameterGroup(exempt, 1, 0));
  }
}

package io.simmim.trainer.model.head;

import static io.simmim.trainer.model.parameter.Initializer.uniform;

import io.simmim.trainer.model.parameter.Initializer;
import io.simmim.trainer.model.parameter.ParameterList;
import io.simmim.trainer.model.parameter.ParameterSpec;
import io.simmim.trainer.torch.TorchScriptSource;
import java.util.List;
import java.util.Map;

/**
 * One linear layer from a feature to the pixels of its cell, as a 1 × 1 convolution whose result is
 * shuffled into the image (SimMIM paper, section 3.3).
 */
final class LinearHead implements PredictionHead {
  private final ParameterList parameters;
  private final int outputs;

  LinearHead(int first, int width, int outputs) {
    this.outputs = outputs;
    parameters = new ParameterList("decoder.", first);
    addConvolution(parameters, "output", "0", outputs, width);
  }

  /** torch.nn.Conv2d's default: kaiming_uniform_ with a = sqrt(5), which is U(±1/sqrt(fan in)). */
  static void addConvolution(
      ParameterList parameters, String place, String name, long outputs, long inputs) {
    Initializer initializer = uniform(1 / StrictMath.sqrt((double) inputs));
    parameters.addRounded(
        place + "_weight", name + ".weight", initializer, true, outputs, inputs, 1, 1);
    parameters.addRounded(place + "_bias", name + ".bias", initializer, false, outputs);
  }

  @Override
  public List<ParameterSpec> parameters() {
    return parameters.specs();
  }

  @Override
  public void addTo(TorchScriptSource source, int firstConstant) {
    Map<String, Object> values = parameters.places();
    values.put("outputs", outputs);
    source.add(LinearHead.class, "head-linear.torchscript", values);
  }
}

package io.simmim.trainer.model.head;

import io.simmim.trainer.model.parameter.ParameterList;
import io.simmim.trainer.model.parameter.ParameterSpec;
import io.simmim.trainer.torch.TorchScriptSource;
import java.util.List;
import java.util.Map;

/**
 * Two linear layers per cell (SimMIM paper, table 2). Interpreted: the hidden layer is as wide as
 * the features, since the paper's 1.0 million parameters above those of the linear head are 1024²
 * with Swin-B, and its activation is the encoder's, GELU.
 */
final class MlpHead implements PredictionHead {
  private final ParameterList parameters;
  private final int width;
  private final int outputs;

  MlpHead(int first, int width, int outputs) {
    this.width = width;
    this.outputs = outputs;
    parameters = new ParameterList("decoder.", first);
    LinearHead.addConvolution(parameters, "hidden", "0", width, width);
    LinearHead.addConvolution(parameters, "output", "2", outputs, width);
  }

  @Override
  public List<ParameterSpec> parameters() {
    return parameters.specs();
  }

  @Override
  public void addTo(TorchScriptSource source, int firstConstant) {
    Map<String, Object> values = parameters.places();
    values.put("width", width);
    values.put("outputs", outputs);
    source.add(MlpHead.class, "head-mlp.torchscript", values);
  }
}

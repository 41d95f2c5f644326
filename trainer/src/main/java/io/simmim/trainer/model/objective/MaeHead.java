package io.simmim.trainer.model.objective;

import io.simmim.trainer.model.head.PredictionHead;
import io.simmim.trainer.model.parameter.Initializer;
import io.simmim.trainer.model.parameter.ParameterList;
import io.simmim.trainer.model.parameter.ParameterSpec;
import io.simmim.trainer.torch.TorchScriptSource;
import java.util.List;
import java.util.Map;

/**
 * The last layer of MAE's decoder. Within a cell the official code has rows before columns before
 * channels, the other heads have channels first.
 */
final class MaeHead implements PredictionHead {
  private final ParameterList parameters;
  private final int channels;
  private final int perSide;

  MaeHead(int first, int width, int channels, int perSide) {
    this.channels = channels;
    this.perSide = perSide;
    parameters = new ParameterList("", first);
    long outputs = (long) channels * perSide * perSide;
    Initializer xavier = Initializer.xavierUniform(outputs, width);
    parameters.addLinear("output", "decoder_pred", xavier, outputs, width);
  }

  @Override
  public List<ParameterSpec> parameters() {
    return parameters.specs();
  }

  @Override
  public void addTo(TorchScriptSource source, int firstConstant) {
    Map<String, Object> values = parameters.places();
    values.put("channels", channels);
    values.put("per_side", perSide);
    source.add(MaeHead.class, "head-mae.torchscript", values);
  }
}

package io.simmim.trainer.model;

import io.simmim.schemas.random.Philox;
import io.simmim.schemas.random.Philox.Purpose;
import io.simmim.trainer.model.parameter.ConstantTensor;
import io.simmim.trainer.model.parameter.ParameterSpec;
import io.simmim.trainer.torch.Precision;
import io.simmim.trainer.torch.TorchScriptSource;
import java.util.List;

/**
 * A model and its loss: parameters, and the arithmetic as TorchScript. Among its methods are those
 * of {@code gradients.torchscript}.
 */
public interface TrainableModel {
  /** All parameters in their official order. */
  List<ParameterSpec> parameters();

  /** The tensors that the source's {@code constants} are. */
  List<ConstantTensor> constants();

  /** Adds the methods. */
  TorchScriptSource addTo(TorchScriptSource source, Precision precision);

  /** Tensors that passes take beyond the parameters, derived of these once per update. */
  int derivedTensors();

  /** The first values of a parameter, in row-major order. */
  default float[] initialValues(int parameter, long seed) {
    ParameterSpec spec = parameters().get(parameter);
    float[] values = new float[Math.toIntExact(spec.tensor().elements())];
    spec.initializer().fill(values, new Philox(seed, Purpose.INITIALIZATION, 0, parameter));
    return values;
  }
}

package io.simmim.trainer.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.simmim.schemas.UserError;
import io.simmim.trainer.torch.Arguments;
import io.simmim.trainer.torch.TorchModule;
import io.simmim.trainer.torch.TorchRuntime;
import io.simmim.trainer.torch.TorchScriptSource;
import org.junit.jupiter.api.Test;

class PackedInputsTest {
  private static final byte[] BYTES = {1, -1, 3, 4, 5, 6, 7, 8};

  @Test
  void arriveAsTheyAre() {
    PackedInputs packed =
        new PackedInputs()
            .add(new long[] {7, -8, 9})
            .add(new long[0])
            .add(DataType.INT64, into -> into.asLongBuffer().put(new long[] {1, 2, 3, 4}), 2, 2)
            .add(DataType.UINT8, into -> into.put(BYTES), 2, 1, 2, 2)
            .add(DataType.FLOAT32, into -> into.asFloatBuffer().put(new float[] {0.5f, -2}), 2);
    TorchRuntime.prepareThread(1);
    try (TorchModule module =
            TorchModule.compile(ModelInputs.addTo(new TorchScriptSource()), Device.cpu());
        NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
      StagingBuffer staging = new StagingBuffer(manager);
      NDArray bytes = staging.filled(manager, module, packed.bytes(), packed::write);
      Arguments arguments =
          new Arguments()
              .tensor(bytes)
              .tensor(manager.ones(new Shape(1)))
              .integer(packed.longs())
              .integers(packed.places());

      NDList tensors = module.call(manager, "unpack", arguments);

      assertThat(tensors.get(0).toLongArray()).containsExactly(7, -8, 9);
      assertThat(tensors.get(1).getShape()).isEqualTo(new Shape(0));
      assertThat(tensors.get(2).getShape()).isEqualTo(new Shape(2, 2));
      assertThat(tensors.get(2).toLongArray()).containsExactly(1, 2, 3, 4);
      assertThat(tensors.get(3).getShape()).isEqualTo(new Shape(2, 1, 2, 2));
      assertThat(tensors.get(3).toByteArray()).containsExactly(BYTES);
      assertThat(tensors.get(4).toFloatArray()).containsExactly(0.5f, -2);
    }
  }

  @Test
  void refuseWholeNumbersBehindOthers() {
    PackedInputs packed = new PackedInputs().add(DataType.UINT8, into -> into.put(BYTES), 8);

    assertThatThrownBy(() -> packed.add(new long[] {1}))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("whole numbers come before all others");
  }

  @Test
  void refuseMoreThanABufferHolds() {
    PackedInputs packed = new PackedInputs();

    assertThatThrownBy(() -> packed.add(DataType.UINT8, into -> {}, 1 << 16, 1 << 16))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "training.micro-batch must be smaller: what goes to the device at once must have at most"
                + " 2,147,483,639 bytes: 4,294,967,296");
  }
}

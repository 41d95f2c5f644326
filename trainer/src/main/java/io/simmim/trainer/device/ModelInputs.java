package io.simmim.trainer.device;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.simmim.trainer.model.TrainableModel;
import io.simmim.trainer.model.encoder.DropPath;
import io.simmim.trainer.model.encoder.PatchIndex;
import io.simmim.trainer.model.parameter.ConstantTensor;
import io.simmim.trainer.torch.Arguments;
import io.simmim.trainer.torch.TorchModule;
import io.simmim.trainer.torch.TorchScriptSource;
import java.nio.ByteBuffer;
import java.util.Map;

/**
 * What all passes through a model are given, in the order of its TorchScript methods: pixels,
 * index, constants, parameters, scales. Thread-safe.
 */
public final class ModelInputs {
  private final int imageSize;
  private final int maskSide;
  private final NDList constants = new NDList();

  /**
   * @param imageSize side S of the images in pixels
   * @param maskSide side G of the masks that come with them
   * @param manager of the device; the constants belong to it
   */
  public ModelInputs(int imageSize, int maskSide, TrainableModel model, NDManager manager) {
    this.imageSize = imageSize;
    this.maskSide = maskSide;
    for (ConstantTensor constant : model.constants()) {
      constants.add(
          constant instanceof ConstantTensor.Integers integers
              ? manager.create(integers.values())
              : manager.create(((ConstantTensor.Floats) constant).values()));
    }
  }

  /** The model's constants on the device. */
  NDList constants() {
    return constants;
  }

  /** Adds the methods that bring inputs to the device. */
  public static TorchScriptSource addTo(TorchScriptSource source) {
    return source.add(ModelInputs.class, "inputs.torchscript", Map.of());
  }

  /**
   * The masks of a micro-batch.
   *
   * @return (m, G, G), 1 = masked
   * @throws IllegalArgumentException if images or masks have another size than the model's
   */
  public byte[] masks(MicroBatch batch) {
    requireSizes(batch);
    byte[] masks = new byte[batch.images() * batch.maskSide() * batch.maskSide()];
    batch.copyMasks(ByteBuffer.wrap(masks));
    return masks;
  }

  /**
   * Refuses a micro-batch that is not for this model.
   *
   * @throws IllegalArgumentException if images or masks have another size than the model's
   */
  public void requireSizes(MicroBatch batch) {
    if (batch.imageSize() != imageSize || batch.maskSide() != maskSide) {
      throw new IllegalArgumentException(
          "a micro-batch must have image size %d and mask side %d: %d, %d"
              .formatted(imageSize, maskSide, batch.imageSize(), batch.maskSide()));
    }
  }

  /**
   * The arguments of one pass.
   *
   * @param step manager of the device, for what only this pass needs
   * @param stepHost manager of the CPU, for the same
   * @param staging through which the inputs reach the device
   * @param module has the methods of {@link #addTo}
   */
  public Arguments arguments(
      NDManager step,
      NDManager stepHost,
      StagingBuffer staging,
      TorchModule module,
      MicroBatch batch,
      PatchIndex index,
      DropPath dropPath,
      NDList... parameters) {
    PackedInputs packed = packed(batch, index);
    NDArray bytes = staging.filled(step, module, packed.bytes(), packed::write);
    NDList tensors =
        module.call(
            step,
            "unpack",
            new Arguments()
                .tensor(bytes)
                .tensor(constants.head())
                .integer(packed.longs())
                .integers(packed.places()));
    NDArray pixels = tensors.remove(PatchIndex.TARGETS - 1);
    tensors.add(PatchIndex.KEPT_COUNTS, stepHost.create(index.keptCounts()));
    return new Arguments()
        .tensor(pixels)
        .tensors(tensors)
        .tensors(constants)
        .tensors(parameters)
        .tensor(stepHost.create(dropPath.scales()));
  }

  private static PackedInputs packed(MicroBatch batch, PatchIndex index) {
    int size = batch.imageSize();
    PackedInputs packed = new PackedInputs();
    packed.add(index.visible());
    packed.add(index.wanted());
    packed.add(index.counted());
    packed.add(index.maskedParts());
    int branches = index.keptCounts().length;
    long[] kept = index.kept();
    packed.add(DataType.INT64, into -> into.asLongBuffer().put(kept), branches, batch.images());
    packed.add(index.wantedTokens());
    packed.add(index.attentionSource());
    packed.add(index.attentionTarget());
    packed.add(index.mlpTarget());
    packed.add(batch.pixelType(), batch::copyPixels, batch.images(), 3, size, size);
    if (batch.classes() > 0) {
      float[] targets = batch.targets();
      packed.add(
          DataType.FLOAT32,
          into -> into.asFloatBuffer().put(targets),
          batch.images(),
          batch.classes());
    }
    return packed;
  }
}

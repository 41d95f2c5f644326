package io.simmim.trainer.device;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.simmim.trainer.model.TrainableModel;
import io.simmim.trainer.model.encoder.DropPath;
import io.simmim.trainer.model.encoder.PatchIndex;
import io.simmim.trainer.model.parameter.ConstantTensor;
import io.simmim.trainer.state.StagingBuffer;
import java.nio.ByteBuffer;

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
   * @param step manager of the device; the first argument belongs to it, and so do the results
   * @param stepHost manager of the CPU
   * @param staging through which the pixels reach the device
   */
  public NDList arguments(
      NDManager step,
      NDManager stepHost,
      StagingBuffer staging,
      MicroBatch batch,
      PatchIndex index,
      DropPath dropPath,
      NDList parameters) {
    int size = batch.imageSize();
    NDArray pixels =
        staging.array(
            step, new Shape(batch.images(), 3, size, size), batch.pixelType(), batch::copyPixels);
    NDList arguments = new NDList(named(pixels, "pixels"));
    Shape kept = new Shape(index.keptCounts().length, batch.images());
    arguments.add(named(step.create(index.visible()), "index[]"));
    arguments.add(named(step.create(index.wanted()), "index[]"));
    arguments.add(named(step.create(index.counted()), "index[]"));
    arguments.add(named(step.create(index.maskedParts()), "index[]"));
    arguments.add(named(step.create(index.kept(), kept), "index[]"));
    arguments.add(named(stepHost.create(index.keptCounts()), "index[]"));
    arguments.add(named(step.create(index.wantedTokens()), "index[]"));
    arguments.add(named(step.create(index.attentionSource()), "index[]"));
    arguments.add(named(step.create(index.attentionTarget()), "index[]"));
    arguments.add(named(step.create(index.mlpTarget()), "index[]"));
    if (batch.classes() > 0) {
      Shape targets = new Shape(batch.images(), batch.classes());
      arguments.add(named(step.create(batch.targets(), targets), "index[]"));
    }
    addAll(arguments, constants, "constants[]");
    addAll(arguments, parameters, "p[]");
    arguments.add(named(stepHost.create(dropPath.scales()), "scale"));
    return arguments;
  }

  static void addAll(NDList arguments, NDList arrays, String name) {
    arrays.forEach(array -> arguments.add(named(array, name)));
  }

  static NDArray named(NDArray array, String name) {
    array.setName(name);
    return array;
  }
}

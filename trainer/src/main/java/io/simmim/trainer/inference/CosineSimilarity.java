package io.simmim.trainer.inference;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.simmim.trainer.torch.TorchRuntime;

/**
 * Cosines between vectors and a fixed block of others: one matrix product on the CPU, in the
 * calling thread alone, so that a result depends on the two blocks only.
 *
 * <p>Thread-safe. Owns native memory: close it.
 */
public final class CosineSimilarity implements AutoCloseable {
  private final NDManager manager;
  private final NDArray columns;
  private final int width;
  private final int count;

  /**
   * @param vectors (q, C) of length 1, as {@link #normalised} makes them
   * @param width C
   */
  public CosineSimilarity(float[] vectors, int width) {
    TorchRuntime.prepareThread(1);
    this.width = width;
    count = vectors.length / width;
    manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
    try {
      columns = manager.create(vectors, new Shape(count, width)).transpose();
    } catch (RuntimeException | Error e) {
      manager.close();
      throw e;
    }
    manager.cap();
  }

  /** Number q of the vectors of the block. */
  public int count() {
    return count;
  }

  /**
   * Cosines of other vectors with all of the block.
   *
   * @param others (n, C) of length 1
   * @return (n, q)
   */
  public float[] with(float[] others) {
    TorchRuntime.prepareThread(1);
    try (NDManager product = manager.newSubManager()) {
      NDArray rows = product.create(others, new Shape(others.length / width, width));
      return rows.matMul(columns).toFloatArray();
    }
  }

  /**
   * Vectors scaled to the length 1; one without a length stays as it is.
   *
   * @param vectors (n, C)
   * @param width C
   * @return (n, C)
   */
  public static float[] normalised(float[] vectors, int width) {
    float[] unit = new float[vectors.length];
    for (int at = 0; at < vectors.length; at += width) {
      double squares = 0;
      for (int i = at; i < at + width; i++) {
        squares += (double) vectors[i] * vectors[i];
      }
      double length = squares > 0 ? Math.sqrt(squares) : 1;
      for (int i = at; i < at + width; i++) {
        unit[i] = (float) (vectors[i] / length);
      }
    }
    return unit;
  }

  @Override
  public void close() {
    manager.close();
  }
}

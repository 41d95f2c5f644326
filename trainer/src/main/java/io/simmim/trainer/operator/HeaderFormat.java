package io.simmim.trainer.operator;

import io.simmim.schemas.RejectedImage;
import io.simmim.schemas.RejectedImageSerializer;
import io.simmim.trainer.loop.TrainingProgress;
import io.simmim.trainer.model.parameter.TensorSpec;
import io.simmim.trainer.operator.StateElement.Header;
import io.simmim.trainer.state.TrainingPlatform;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * Fields of a {@link Header} in the version-2 form of {@link StateElementSerializer}. The rejected
 * images in it have versions of their own.
 */
final class HeaderFormat {
  private HeaderFormat() {}

  static void write(Header header, DataOutputView target) throws IOException {
    writeKeys(header.identity().values(), target);
    writeKeys(header.identity().defaults(), target);
    TrainingPlatform platform = header.platform();
    target.writeUTF(platform.libtorch());
    target.writeUTF(platform.device());
    target.writeUTF(platform.kernels());
    target.writeInt(platform.threads());
    target.writeLong(header.steps());
    target.writeInt(header.microBatchOfStep());
    target.writeLong(header.nextChunk());
    TrainingProgress progress = header.progress();
    target.writeLong(progress.microBatches());
    target.writeLong(progress.imagesSeen());
    target.writeInt(progress.stepImages());
    target.writeInt(progress.stepLosses());
    target.writeDouble(progress.stepLossSum());
    target.writeInt(header.rejectedImages());
    target.writeInt(header.firstRejected().size());
    for (RejectedImage image : header.firstRejected()) {
      RejectedImageSerializer.INSTANCE.serialize(image, target);
    }
    target.writeInt(header.pendingChunks());
    target.writeInt(header.tensors().size());
    for (TensorSpec tensor : header.tensors()) {
      target.writeUTF(tensor.name());
      target.writeInt(tensor.shape().size());
      for (long size : tensor.shape()) {
        target.writeLong(size);
      }
    }
  }

  private static void writeKeys(Map<String, String> keys, DataOutputView target)
      throws IOException {
    target.writeInt(keys.size());
    for (Map.Entry<String, String> entry : keys.entrySet()) {
      target.writeUTF(entry.getKey());
      target.writeUTF(entry.getValue());
    }
  }

  private static Map<String, String> readKeys(DataInputView source) throws IOException {
    Map<String, String> keys = new TreeMap<>();
    int count = source.readInt();
    for (int i = 0; i < count; i++) {
      keys.put(source.readUTF(), source.readUTF());
    }
    return keys;
  }

  /**
   * Reads the fields. What a count promises is read one by one, so it costs no more than the source
   * has.
   *
   * @throws IllegalArgumentException if a value makes no sense
   */
  static Header read(long snapshot, DataInputView source) throws IOException {
    Map<String, String> values = readKeys(source);
    Map<String, String> defaults = readKeys(source);
    TrainingPlatform platform =
        new TrainingPlatform(
            source.readUTF(), source.readUTF(), source.readUTF(), source.readInt());
    long steps = source.readLong();
    int microBatchOfStep = source.readInt();
    long nextChunk = source.readLong();
    TrainingProgress progress =
        new TrainingProgress(
            source.readLong(),
            source.readLong(),
            source.readInt(),
            source.readInt(),
            source.readDouble());
    int rejectedImages = source.readInt();
    List<RejectedImage> firstRejected = new ArrayList<>();
    int named = source.readInt();
    for (int i = 0; i < named; i++) {
      firstRejected.add(RejectedImageSerializer.INSTANCE.deserialize(source));
    }
    int pendingChunks = source.readInt();
    return new Header(
        snapshot,
        new ConfigurationIdentity(values, defaults),
        platform,
        progress,
        steps,
        microBatchOfStep,
        nextChunk,
        rejectedImages,
        firstRejected,
        pendingChunks,
        readTensors(source));
  }

  private static List<TensorSpec> readTensors(DataInputView source) throws IOException {
    List<TensorSpec> tensors = new ArrayList<>();
    int count = source.readInt();
    for (int i = 0; i < count; i++) {
      String name = source.readUTF();
      List<Long> shape = new ArrayList<>();
      int dimensions = source.readInt();
      for (int j = 0; j < dimensions; j++) {
        shape.add(source.readLong());
      }
      tensors.add(new TensorSpec(name, shape));
    }
    return tensors;
  }
}

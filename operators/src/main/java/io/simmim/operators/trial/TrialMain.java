package io.simmim.operators.trial;

import io.simmim.operators.image.ImagePath;
import io.simmim.operators.image.crop.ImageConfig;
import io.simmim.operators.image.mask.MaskConfig;
import io.simmim.schemas.EncodedChunk;
import io.simmim.schemas.EncodedChunkSerializer;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataInputViewStreamWrapper;
import org.apache.flink.core.memory.DataOutputView;

/**
 * The process of an {@link ImageTrial}: reads the configuration and then chunks of one image from
 * standard input, and decodes each as a run does. It answers with a byte when it is ready, and with
 * one after each image that did not end it; text is no answer. It ends with its standard input,
 * which is when its parent ends, though an image may be in its decoder.
 */
final class TrialMain {
  /** The answer: a control character, which nothing else prints. */
  static final int ALIVE = 1;

  /** The kernel ends this process and not its parent when a container's memory is used up. */
  private static final String FIRST_TO_GO = "1000";

  private TrialMain() {}

  public static void main(String[] arguments) throws IOException, InterruptedException {
    OutputStream answers = System.out;
    System.setOut(System.err); // whatever libraries print
    volunteer();
    DataInputView source = new DataInputViewStreamWrapper(System.in);
    BlockingQueue<EncodedChunk> images = new ArrayBlockingQueue<>(1);
    try (ImagePath path = readPath(source)) {
      Thread reader = new Thread(() -> readUntilTheEnd(source, images), "images");
      reader.setDaemon(true);
      reader.start();
      while (true) {
        answers.write(ALIVE);
        answers.flush();
        path.apply(images.take());
      }
    }
  }

  private static void readUntilTheEnd(DataInputView source, BlockingQueue<EncodedChunk> images) {
    try {
      while (true) {
        images.put(EncodedChunkSerializer.INSTANCE.deserialize(source));
      }
    } catch (IOException | InterruptedException e) {
      System.err.println("no more images: " + e);
    } finally {
      // Not an orderly exit: nobody is there any more, and a decoder may never come to an end.
      Runtime.getRuntime().halt(1);
    }
  }

  private static void volunteer() {
    try {
      Files.writeString(Path.of("/proc/self/oom_score_adj"), FIRST_TO_GO);
    } catch (IOException e) {
      System.err.println("not Linux: " + e);
    }
  }

  static void writeConfig(ImageTrial trial, DataOutputView target) throws IOException {
    ImageConfig config = trial.config();
    target.writeInt(config.size());
    target.writeDouble(config.cropScaleMin());
    target.writeDouble(config.cropScaleMax());
    target.writeDouble(config.cropRatioMin());
    target.writeDouble(config.cropRatioMax());
    target.writeDouble(config.flipProbability());
    target.writeDouble(config.maxMegapixels());
    target.writeLong(trial.seed());
  }

  private static ImagePath readPath(DataInputView source) throws IOException {
    ImageConfig config =
        new ImageConfig(
            source.readInt(),
            source.readDouble(),
            source.readDouble(),
            source.readDouble(),
            source.readDouble(),
            source.readDouble(),
            source.readDouble());
    // Masks do not depend on the image.
    return new ImagePath(config, new MaskConfig(config.size(), 0.5), source.readLong());
  }
}

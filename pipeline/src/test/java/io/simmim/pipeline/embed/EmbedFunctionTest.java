package io.simmim.pipeline.embed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import ai.djl.engine.EngineException;
import io.simmim.pipeline.OperatorAttempt;
import io.simmim.pipeline.config.ConfigLoader;
import io.simmim.pipeline.images.ColoredSquares;
import io.simmim.schemas.EncodedChunk;
import io.simmim.schemas.EncodedChunkSerializer;
import io.simmim.schemas.EncodedImage;
import io.simmim.schemas.ImageRef;
import io.simmim.schemas.Normalization;
import io.simmim.schemas.UserError;
import io.simmim.schemas.evaluation.EmbeddedImage;
import io.simmim.schemas.evaluation.EmbeddedImageSerializer;
import io.simmim.trainer.device.MicroBatch;
import io.simmim.trainer.model.encoder.Features;
import io.simmim.trainer.operator.failure.GpuLoss;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.streaming.api.operators.ProcessOperator;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.flink.util.ExceptionUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** With a model that fails as libtorch does where a GPU fails. */
@Timeout(60)
class EmbedFunctionTest {
  private static final int SIZE = 32;
  private static final String MEMORY = "CUDA out of memory. Tried to allocate 2.00 GiB.";
  private static final String LOST =
      """
      The following operation failed in the TorchScript interpreter.
      Traceback of TorchScript, serialized code (most recent call last):
      RuntimeError: CUDA error: device-side assert triggered
      Compile with `TORCH_USE_CUDA_DSA` to enable device-side assertions.
      """;

  /** What the next call fails with; null if it succeeds. */
  private static String failure;

  @TempDir private Path folder;

  @BeforeEach
  void draw() throws Exception {
    ColoredSquares.draw(folder, 1, 7);
  }

  @AfterEach
  void succeed() {
    failure = null;
  }

  private static Features features(MicroBatch batch) {
    throwFailure();
    return new Features(batch.images(), 1, 2, new float[2 * batch.images()], new float[0]);
  }

  private static void throwFailure() {
    if (failure != null) {
      throw new EngineException(failure);
    }
  }

  private static OperatorAttempt<EncodedChunk, EmbeddedImage> attempt(GpuLoss gpuLoss)
      throws Exception {
    EmbedFunction function =
        new EmbedFunction(
            new EmbedModel("model", "digest", SIZE, 1, Normalization.IMAGENET, "gpu0"),
            FeatureKind.MEAN,
            new LabelSource.None(),
            new ConfigLoader().load().config().image().withSize(SIZE),
            gpuLoss,
            model -> {
              throwFailure();
              return new Shared.Use<>(EmbedFunctionTest::features, () -> {});
            });
    return OperatorAttempt.of(
        new OneInputStreamOperatorTestHarness<>(
            new ProcessOperator<>(function), EncodedChunkSerializer.INSTANCE),
        EmbeddedImageSerializer.INSTANCE);
  }

  private EncodedChunk chunk(long index) throws Exception {
    byte[] file = Files.readAllBytes(folder.resolve("red/0.png"));
    ImageRef ref = new ImageRef(0, "red/0.png", 0, file.length);
    return new EncodedChunk(index, 0, index, List.of(EncodedImage.of(ref, file)));
  }

  @Test
  void aGpuThatIsLostEndsTheJobInAProcessOfTheUser() throws Exception {
    try (OperatorAttempt<EncodedChunk, EmbeddedImage> attempt = attempt(GpuLoss.ENDS_JOB)) {
      attempt.harness().open();
      attempt.take(chunk(0));
      failure = LOST;

      assertThatThrownBy(() -> attempt.take(chunk(7)))
          .isInstanceOf(SuppressRestartsException.class)
          .cause()
          .isInstanceOf(UserError.class)
          .hasMessage(
              "the GPU failed in chunk 7 (CUDA error: device-side assert triggered), and this"
                  + " process cannot use it any more; the same command continues");
      assertThat(attempt.harness().extractOutputValues()).hasSize(1);
    }
  }

  @Test
  void aGpuThatIsLostEndsTheProcessOfATaskManager() throws Exception {
    try (OperatorAttempt<EncodedChunk, EmbeddedImage> attempt = attempt(GpuLoss.ENDS_PROCESS)) {
      attempt.harness().open();
      failure = LOST;

      assertThatThrownBy(() -> attempt.take(chunk(0)))
          .matches(ExceptionUtils::isJvmFatalError, "ends the process")
          .hasRootCauseMessage(LOST);
    }
  }

  /** As after a restart in the process that lost it. */
  @Test
  void aGpuThatWasLostBeforeTakesNoModel() throws Exception {
    try (OperatorAttempt<EncodedChunk, EmbeddedImage> attempt = attempt(GpuLoss.ENDS_JOB)) {
      failure = LOST;

      assertThatThrownBy(attempt.harness()::open)
          .isInstanceOf(SuppressRestartsException.class)
          .cause()
          .hasMessageStartingWith("the GPU failed when it got the model (CUDA error: device-side");
    }
  }

  @Test
  void aGpuThatIsTooSmallForTheFirstImagesEndsTheJob() throws Exception {
    try (OperatorAttempt<EncodedChunk, EmbeddedImage> attempt = attempt(GpuLoss.ENDS_PROCESS)) {
      attempt.harness().open();
      failure = MEMORY;

      assertThatThrownBy(() -> attempt.take(chunk(0)))
          .isInstanceOf(SuppressRestartsException.class)
          .cause()
          .hasMessage(
              "the GPU has not enough memory for chunks of 1 images in each task (CUDA out of"
                  + " memory. Tried to allocate 2.00 GiB.); less is needed with a smaller"
                  + " parallelism");
    }
  }

  /** Another process may have taken it for a while. */
  @Test
  void memoryThatWasThereBeforeIsTriedAgain() throws Exception {
    try (OperatorAttempt<EncodedChunk, EmbeddedImage> attempt = attempt(GpuLoss.ENDS_PROCESS)) {
      attempt.harness().open();
      attempt.take(chunk(0));
      failure = MEMORY;

      Throwable thrown = catchThrowable(() -> attempt.take(chunk(1)));

      assertThat(thrown).isInstanceOf(EngineException.class).hasMessage(MEMORY);
    }
  }
}

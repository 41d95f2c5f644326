package io.simmim.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class NativeMemoryTest {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final int WARM_UP_STEPS = 100;
  private static final int STEPS = 400;

  @Test
  void doesNotGrowOverFiveHundredSteps() throws Exception {
    assumeTrue(Files.exists(STATUS), "resident memory is read from /proc");
    try (TrainingModel model =
        TrainingModel.create(SmallModel.config(SmallModel.encoder(0.2), Precision.FP32))) {
      train(model, 0, WARM_UP_STEPS);
      long before = residentKilobytes();
      train(model, WARM_UP_STEPS, STEPS);
      long growth = residentKilobytes() - before;

      // One step that kept its gradients would cost 180 KB, 400 of them 70 MB.
      assertThat(growth).as("KB after %s steps", STEPS).isLessThan(16 << 10);
    }
  }

  private static void train(TrainingModel model, int first, int steps) throws IOException {
    for (int step = first; step < first + steps; step++) {
      model.accumulate(SmallModel.batch(2, step), 2L * step, 0.5);
      model.accumulate(SmallModel.batch(1 + step % 2, step), 2L * step + 1, 0.5);
      model.update(1e-4);
      if (step % 50 == 0) {
        model.snapshot(Gradients.KEEP).close();
        model.reconstruct(SmallModel.batch(1, step));
      }
    }
  }

  private static long residentKilobytes() throws IOException {
    System.gc();
    return Files.readAllLines(STATUS).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
        .sum();
  }
}

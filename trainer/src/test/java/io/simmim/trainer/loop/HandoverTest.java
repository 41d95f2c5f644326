package io.simmim.trainer.loop;

import static io.simmim.trainer.operator.TestRuns.chunks;
import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.trainer.loop.Handover.Capture;
import io.simmim.trainer.loop.Handover.Train;
import org.junit.jupiter.api.Test;

class HandoverTest {
  private final Handover handover = new Handover();

  @Test
  void captureOvertakesWaitingMicroBatches() throws Exception {
    handover.add(chunks(0, 2));
    handover.add(chunks(2, 4));
    assertThat(handover.take()).get().isInstanceOf(Train.class);

    handover.requestCapture(5);

    assertThat(handover.take()).contains(new Capture(5));
    assertThat(handover.take()).get().isInstanceOf(Train.class);
  }

  @Test
  void closedMeansNoMoreWork() throws Exception {
    handover.add(chunks(0, 2));
    handover.close();

    assertThat(handover.take()).isEmpty();
  }
}

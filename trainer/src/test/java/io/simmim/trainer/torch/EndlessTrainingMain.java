package io.simmim.trainer.torch;

import io.simmim.trainer.SmallModel;

/** Trains until the process is told to end. */
public final class EndlessTrainingMain {
  private EndlessTrainingMain() {}

  public static void main(String[] args) {
    SmallModel.trainForever(() -> System.out.println("training"));
  }
}

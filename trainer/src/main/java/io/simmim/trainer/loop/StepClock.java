package io.simmim.trainer.loop;

/** Measures a step and how much of it the training thread waited. Belongs to that thread. */
final class StepClock {
  private long start = System.nanoTime();
  private long waited;
  private long waitStart;

  void beginWait() {
    waitStart = System.nanoTime();
  }

  void endWait() {
    waited += System.nanoTime() - waitStart;
  }

  double seconds() {
    return Math.max(1, System.nanoTime() - start) * 1e-9;
  }

  /** 0 to 1. */
  double waitShare() {
    return Math.min(1, waited * 1e-9 / seconds());
  }

  void beginStep() {
    start = System.nanoTime();
    waited = 0;
  }
}

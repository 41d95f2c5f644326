package io.simmim.pipeline;

import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;

/** One attempt of an operator in Flink's test harness. The calling thread is the task thread. */
public record OperatorAttempt<I, O>(OneInputStreamOperatorTestHarness<I, O> harness)
    implements AutoCloseable {
  /** One that is set up, and not open yet. */
  public static <I, O> OperatorAttempt<I, O> of(
      OneInputStreamOperatorTestHarness<I, O> harness, TypeSerializer<O> out) {
    harness.setup(out);
    return new OperatorAttempt<>(harness);
  }

  /** Gives it records. */
  @SafeVarargs
  public final void take(I... records) throws Exception {
    for (I record : records) {
      harness.processElement(new StreamRecord<>(record));
    }
  }

  @Override
  public void close() {
    try {
      harness.close();
    } catch (Exception e) {
      throw new AssertionError("the operator must close without an error", e);
    }
  }
}

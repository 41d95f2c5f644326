package io.simmim.pipeline.run;

import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.pipeline.run.lease.LeaseTaking;
import io.simmim.pipeline.run.lease.LeaseTimes;
import io.simmim.pipeline.run.lease.Takeover;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

/** Leases of outputs in tests: other runs are silent soon. */
public final class Leases {
  static final LeaseTimes TIMES =
      new LeaseTimes(Duration.ofMillis(100), Duration.ofMillis(1000), Duration.ofMillis(20));

  public static final Duration PATIENCE = Duration.ofSeconds(10);

  private Leases() {}

  /** As another run in this process would take it. */
  public static LeaseTaking.Claim claim() {
    return claim(LeaseTaking.Holder.RUNS_THE_JOB, Takeover.IF_DEAD);
  }

  public static LeaseTaking.Claim claim(LeaseTaking.Holder holder, Takeover takeover) {
    return new LeaseTaking.Claim(UUID.randomUUID().toString(), holder, takeover, TIMES);
  }

  /** Prepares a run that does not begin. It gives its lease back, so nobody has to wait for it. */
  public static PreparedRun prepare(
      SimmimConfig config, Resume resume, Optional<String> given, Consumer<String> say) {
    LeaseTaking.Claim claim =
        new LeaseTaking.Claim(
            UUID.randomUUID().toString(),
            LeaseTaking.Holder.RUNS_THE_JOB,
            Takeover.IF_DEAD,
            new LeaseTimes(TIMES.renewal(), LeaseTimes.DEFAULT.silence(), TIMES.settling()));
    PreparedRun run = PreparedRun.prepare(config, resume, given, claim, say);
    run.lease().close();
    return run;
  }
}

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

  public static final Duration PATIENCE = Duration.ofMinutes(1);

  private Leases() {}

  /** As another run in this process would take it. */
  public static LeaseTaking.Claim claim() {
    return claim(LeaseTaking.Holder.RUNS_THE_JOB, Takeover.IF_DEAD);
  }

  public static LeaseTaking.Claim claim(LeaseTaking.Holder holder, Takeover takeover) {
    return claim(holder, takeover, TIMES);
  }

  /** Waits for a sign of life for longer than a busy machine lets a thread wait. */
  public static LeaseTaking.Claim patientClaim() {
    return claim(
        LeaseTaking.Holder.RUNS_THE_JOB,
        Takeover.IF_DEAD,
        new LeaseTimes(TIMES.renewal(), PATIENCE, TIMES.settling()));
  }

  /** Takes it over, once a renewal that the other had begun has been written on any machine. */
  public static LeaseTaking.Claim force(LeaseTaking.Holder holder) {
    return claim(
        holder,
        Takeover.BY_FORCE,
        new LeaseTimes(TIMES.renewal(), TIMES.silence(), LeaseTimes.DEFAULT.settling()));
  }

  private static LeaseTaking.Claim claim(
      LeaseTaking.Holder holder, Takeover takeover, LeaseTimes times) {
    return new LeaseTaking.Claim(UUID.randomUUID().toString(), holder, takeover, times);
  }

  /** Prepares a run that does not begin. It gives its lease back, so nobody has to wait for it. */
  public static PreparedRun prepare(
      SimmimConfig config, Resume resume, Optional<String> given, Consumer<String> say) {
    LeaseTaking.Claim claim =
        claim(
            LeaseTaking.Holder.RUNS_THE_JOB,
            Takeover.IF_DEAD,
            new LeaseTimes(TIMES.renewal(), LeaseTimes.DEFAULT.silence(), TIMES.settling()));
    PreparedRun run = PreparedRun.prepare(config, resume, given, claim, say);
    run.lease().close();
    return run;
  }
}

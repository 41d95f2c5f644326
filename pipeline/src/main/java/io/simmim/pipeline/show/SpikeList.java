package io.simmim.pipeline.show;

import io.simmim.pipeline.run.StoredRun;
import io.simmim.pipeline.run.folder.RunFolder;
import io.simmim.schemas.UserError;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.function.Consumer;

/** Tells which steps of a run stand out. */
public final class SpikeList {
  /** More are no exceptions any more. */
  private static final int MOST_LINES = 20;

  private SpikeList() {}

  /**
   * Lists them, the worst first.
   *
   * @param say takes lines for people
   * @return the worst step; nothing if none stands out
   * @throws UserError if the run has hardly measured anything yet
   */
  public static OptionalLong show(StoredRun run, Consumer<String> say) throws IOException {
    StepSeries series = StepSeries.read(run.folder().metrics());
    if (series.size() <= Spike.LEAST_BEFORE) {
      throw new UserError(
          String.format(
              Locale.ROOT,
              "%s must have more than %d steps to tell which of them stand out: %d",
              RunFolder.readable(run.folder().metrics()),
              Spike.LEAST_BEFORE,
              series.size()));
    }
    List<Spike> spikes = Spike.of(series);
    say.accept(
        String.format(
            Locale.ROOT,
            "%,d of %,d steps stand out: loss or gradient norm at least %.0f deviations above the %d steps before%s",
            spikes.size(),
            series.size(),
            Spike.LEAST_DEVIATIONS,
            Spike.WINDOW,
            spikes.isEmpty() ? "" : "; the worst first"));
    spikes.stream().limit(MOST_LINES).forEach(spike -> say.accept(spike.line()));
    if (spikes.size() > MOST_LINES) {
      say.accept(String.format(Locale.ROOT, "and %,d more", spikes.size() - MOST_LINES));
    }
    return spikes.isEmpty() ? OptionalLong.empty() : OptionalLong.of(spikes.get(0).step());
  }
}

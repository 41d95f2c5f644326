package io.simmim.pipeline.estimate;

import io.simmim.operators.catalog.Catalog;
import io.simmim.operators.image.crop.ImageConfig;
import io.simmim.operators.image.mask.MaskConfig;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.pipeline.run.InputImages;
import io.simmim.pipeline.run.LocalFileSystems;
import io.simmim.schemas.BatchPlan;
import io.simmim.schemas.UserError;
import io.simmim.schemas.text.Amount;
import io.simmim.trainer.torch.TorchDevice;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/** Lists the input, measures each configuration on a sample of it, and says what runs take. */
public final class Estimator {
  private final List<Candidate> candidates;
  private final double limitSeconds;
  private final Consumer<String> say;

  /**
   * A configuration to look at.
   *
   * @param name as people gave it
   * @param config with the input, the same for all
   */
  public record Candidate(String name, SimmimConfig config) {}

  /**
   * @param candidates at least one
   * @param limitSeconds of each measurement, of which there are two for each configuration
   * @param say takes lines for people
   */
  public Estimator(List<Candidate> candidates, double limitSeconds, Consumer<String> say) {
    this.candidates = List.copyOf(candidates);
    this.limitSeconds = limitSeconds;
    this.say = say;
  }

  /**
   * Measures and tells.
   *
   * @throws UserError for everything that the user can mend
   */
  public void run() throws InterruptedException {
    candidates.forEach(one -> TorchDevice.require(one.config().training().device()));
    SimmimConfig first = candidates.get(0).config();
    LocalFileSystems.initialize(first.flink(), first.fetch(), 1);
    Catalog catalog = InputImages.list(first, say);
    List<BatchPlan> plans = new ArrayList<>();
    for (Candidate candidate : candidates) {
      plans.add(plan(candidate.config(), catalog));
    }
    SampledImages sample = SampledImages.read(catalog, first.fetch());
    say.accept(
        String.format(
            Locale.ROOT,
            "%,d images; measured with %,d of them, of %s each, read one at a time in %.1f s",
            catalog.size(),
            sample.images().size(),
            Amount.bytes(Math.round(sample.meanBytes())),
            sample.seconds()));
    List<RunEstimate> runs = new ArrayList<>();
    Map<DecodedAs, Double> decoded = new HashMap<>();
    for (int i = 0; i < candidates.size(); i++) {
      Candidate candidate = candidates.get(i);
      SimmimConfig config = candidate.config();
      say.accept(String.format(Locale.ROOT, "measuring %s", candidate.name()));
      Rehearsal rehearsal = new Rehearsal(config, sample);
      DecodedAs key = new DecodedAs(config.image(), config.mask());
      Double known = decoded.get(key);
      double decodedPerCore = known == null ? rehearsal.decodedPerCore(limitSeconds) : known;
      decoded.put(key, decodedPerCore);
      Pace pace = rehearsal.measure(decodedPerCore, limitSeconds);
      runs.add(RunEstimate.of(candidate.name(), config, catalog, plans.get(i), pace));
    }
    say.accept("");
    EstimateTable.lines(runs).forEach(say);
    say.accept("");
    Caveats.of(runs).forEach(say);
  }

  private record DecodedAs(ImageConfig image, MaskConfig mask) {}

  private static BatchPlan plan(SimmimConfig config, Catalog catalog) {
    if (config.continuous().isOn()) {
      return config.continuousPlan();
    }
    try {
      return config.plan(catalog.size());
    } catch (IllegalArgumentException e) {
      throw new UserError(e.getMessage(), e);
    }
  }
}

package io.simmim.pipeline.run;

import static io.simmim.pipeline.run.folder.RunFolder.readable;

import io.simmim.operators.arrival.log.ArrivalLogFiles;
import io.simmim.operators.catalog.listing.CatalogLister;
import io.simmim.operators.catalog.listing.Listing;
import io.simmim.operators.source.enumerator.ArrivalSourceConfig;
import io.simmim.pipeline.config.ContinuousConfig;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.pipeline.run.folder.RunFolder;
import io.simmim.schemas.UserError;
import io.simmim.schemas.storage.ObjectStore;
import io.simmim.schemas.storage.StorageFailure;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.core.fs.Path;

/** Where the images of a continuous run come from, as configured. */
public final class ContinuousInputs {
  private ContinuousInputs() {}

  /**
   * Checks the inputs. Those that are listed must exist; prefixes that events tell of need not yet,
   * but must be on S3. Of inputs that are listed as well, one must be.
   *
   * @throws UserError if an input is missing or cannot be used
   */
  public static ArrivalSourceConfig of(SimmimConfig config, RunFolder folder) {
    ContinuousConfig continuous = config.continuous();
    List<String> inputs = config.data().input();
    if (inputs.isEmpty() && (continuous.follow() || continuous.events() != null)) {
      throw new UserError(
          "--input is missing (allowed: folders on any Flink file system, to which what arrives"
              + " must belong)");
    }
    List<String> qualified =
        continuous.follow() ? CatalogLister.existing(inputs) : CatalogLister.qualified(inputs);
    List<String> elsewhere = qualified.stream().filter(input -> !isOnS3(input)).toList();
    int useful = continuous.follow() ? qualified.size() - 1 : 0;
    if (continuous.events() != null && elsewhere.size() > useful) {
      throw new UserError(
          "--events tells of objects on S3, where this --input is not: %s (allowed: s3://bucket/prefix;"
                  .formatted(String.join(", ", elsewhere))
              + " --follow lists any file system)");
    }
    return new ArrivalSourceConfig(
        qualified,
        List.of(folder.root().toString()),
        folder.arrivals().toString(),
        config.seed(),
        continuous.replayShare(),
        continuous.follow() ? continuous.followInterval() : null,
        continuous.eventFeed(config.kafka()).orElse(null),
        continuous.whenIdle(),
        continuous.maxWaiting());
  }

  private static boolean isOnS3(String uri) {
    return ObjectStore.isS3(new Path(uri).toUri().getScheme());
  }

  /**
   * Those of the inputs that are what continuous runs have collected, rather than images. Only
   * inputs without images can be: most are not looked at again for this.
   *
   * @throws UserError if there are images in others
   */
  static List<String> logsAmong(Listing listing) {
    List<String> logs = new ArrayList<>();
    for (String input : listing.withoutImages()) {
      try {
        if (ArrivalLogFiles.isLog(new Path(input))) {
          logs.add(input);
        }
      } catch (IOException e) {
        throw new UserError(
            "cannot read input %s: %s".formatted(input, StorageFailure.reason(e)), e);
      }
    }
    boolean others = listing.catalog().size() > 0 || logs.size() < listing.withoutImages().size();
    if (!logs.isEmpty() && others) {
      throw new UserError(
          "--input must be logs of continuous runs or images, not both: "
              + String.join(", ", listing.inputs()));
    }
    return logs;
  }

  /** How a run begins, for people. */
  public static String line(RunImages.Arriving images, PreparedRun run) {
    ArrivalSourceConfig source = images.source();
    List<String> feeds = new ArrayList<>();
    if (source.followInterval() != null) {
      feeds.add("following " + String.join(", ", source.inputs()));
    }
    if (source.events() != null) {
      feeds.add("events of " + source.events().source());
    }
    if (feeds.isEmpty()) {
      feeds.add("nothing arrives any more");
    }
    String end =
        images
            .decay()
            .map(
                decay ->
                    "ends after step %,d, decaying from step %,d"
                        .formatted(decay.end(), decay.start()))
            .orElse("without end (--decay-steps N ends it)");
    return "%s; steps of %,d images, %.0f %% of them replayed; %s; output %s"
        .formatted(
            String.join(", ", feeds),
            run.plan().globalBatch(),
            100 * source.replayShare(),
            end,
            readable(run.folder().root()));
  }
}

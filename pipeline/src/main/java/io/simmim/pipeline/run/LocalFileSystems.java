package io.simmim.pipeline.run;

import io.simmim.operators.source.fetch.FetchConfig;
import io.simmim.pipeline.config.FlinkOptions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.plugin.PluginManager;
import org.apache.flink.core.plugin.PluginUtils;

/**
 * Flink's file systems in this process: the plugins in {@code FLINK_PLUGINS_DIR}, which the
 * launcher sets, configured as the user said. A cluster does the same when its processes start.
 *
 * <p>Of flink-s3-fs-hadoop some defaults are replaced, unless the user set them. It tries a request
 * 20 times and the operation up to 8 times, so that a wrong endpoint would be told after half an
 * hour; the source's own attempts come on top of these. Its pool of connections must hold what all
 * readers fetch at once. A silent connection must end before the source gives the attempt up. And
 * it deletes the markers of all folders above whatever it writes: requests for nothing.
 */
public final class LocalFileSystems {
  private static final List<String> S3_PREFIXES = List.of("s3.", "s3a.", "fs.s3a.");
  private static final int LEAST_CONNECTIONS = 96;

  /** For checkpoints, exports and listings beside the readers. */
  private static final int OTHER_CONNECTIONS = 32;

  private static final Duration LONGEST_SILENCE = Duration.ofSeconds(30);

  /** Logs to standard error, past the log of this process; kept here, or its level is forgotten. */
  private static final Logger AWS = Logger.getLogger("com.amazonaws");

  private LocalFileSystems() {}

  /**
   * Makes the plugins' file systems known to this process.
   *
   * @param readers source tasks in this process
   */
  public static void initialize(FlinkOptions options, FetchConfig fetch, int readers) {
    AWS.setLevel(Level.SEVERE);
    Configuration settings = settings(options, fetch, readers);
    initialize(settings);
  }

  /** Makes the plugins' file systems known to this process, as Flink's own settings say. */
  public static void initialize(Configuration settings) {
    FileSystem.initialize(settings, Plugins.LOADED);
  }

  /** Loaded once in a process: each manager would load the classes of all plugins again. */
  private static final class Plugins {
    private static final PluginManager LOADED =
        PluginUtils.createPluginManagerFromRootFolder(new Configuration());
  }

  static Configuration settings(FlinkOptions options, FetchConfig fetch, int readers) {
    Configuration settings = Configuration.fromMap(options.values());
    int connections =
        Math.max(LEAST_CONNECTIONS, readers * fetch.concurrency() + OTHER_CONNECTIONS);
    long silence = Math.min(LONGEST_SILENCE.toMillis(), fetch.timeout().toMillis());
    Map.of(
            "connection.maximum", Integer.toString(connections),
            "connection.timeout", Long.toString(silence),
            "attempts.maximum", "4",
            "retry.limit", "4",
            "retry.interval", "200ms",
            "retry.throttle.limit", "6",
            "retry.throttle.interval", "200ms",
            "directory.marker.retention", "keep")
        .forEach(
            (name, value) -> {
              if (S3_PREFIXES.stream().noneMatch(p -> options.values().containsKey(p + name))) {
                settings.setString("s3." + name, value);
              }
            });
    return settings;
  }

  /** What Flink itself is told: it shows its settings in the web UI, so secrets stay out. */
  public static Configuration withoutSecrets(FlinkOptions options) {
    Configuration settings = new Configuration();
    options
        .values()
        .forEach(
            (key, value) -> {
              if (!FlinkOptions.isSecret(key)) {
                settings.setString(key, value);
              }
            });
    return settings;
  }
}

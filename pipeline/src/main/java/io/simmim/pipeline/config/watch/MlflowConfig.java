package io.simmim.pipeline.config.watch;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;

/**
 * Which MLflow tracking server is told of the run.
 *
 * @param trackingUri address of the server; null = none
 * @param experiment name of the experiment that the run is in
 */
public record MlflowConfig(String trackingUri, String experiment) {
  private static final List<String> SCHEMES = List.of("http", "https");

  /** Of a name, as MLflow has it. */
  private static final int LONGEST = 500;

  public MlflowConfig {
    if (trackingUri != null) {
      address(trackingUri);
    }
    if (experiment == null || experiment.isBlank() || experiment.length() > LONGEST) {
      throw new IllegalArgumentException(
          "mlflow.experiment must be a name of 1 to %d characters: %s"
              .formatted(LONGEST, experiment));
    }
  }

  /** Whether there is one. */
  @JsonIgnore
  public boolean isOn() {
    return trackingUri != null;
  }

  /** The address without a slash at its end. */
  public URI server() {
    return address(trackingUri);
  }

  private static URI address(String text) {
    URI uri;
    try {
      uri = new URI(text.replaceAll("/+$", ""));
    } catch (URISyntaxException e) {
      throw refused(text, e);
    }
    if (uri.getRawUserInfo() != null) {
      throw new IllegalArgumentException(
          "mlflow.tracking-uri must not hold a user or a password (allowed: the environment variables"
              + " MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN)");
    }
    boolean known =
        uri.getScheme() != null && SCHEMES.contains(uri.getScheme().toLowerCase(Locale.ROOT));
    if (!known
        || uri.getHost() == null
        || uri.getRawQuery() != null
        || uri.getRawFragment() != null) {
      throw refused(text, null);
    }
    return uri;
  }

  private static IllegalArgumentException refused(String text, Exception cause) {
    return new IllegalArgumentException(
        "mlflow.tracking-uri must be the address of a tracking server, http://host[:port][/path] or https://host[:port][/path]: "
            + text.replaceAll(
                "//.*@", "//******@"), // what is no URI may hold a password all the same
        cause);
  }
}

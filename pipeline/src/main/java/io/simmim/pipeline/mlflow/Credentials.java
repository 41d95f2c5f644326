package io.simmim.pipeline.mlflow;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;

/** Who asks, by the environment variables of MLflow's own clients. Values are never told. */
final class Credentials {
  private static final String USER = "MLFLOW_TRACKING_USERNAME";
  private static final String PASSWORD = "MLFLOW_TRACKING_PASSWORD";
  private static final String TOKEN = "MLFLOW_TRACKING_TOKEN";

  /** What may help if a server does not let one in. */
  static final String ADVICE = "%s and %s, or %s, must allow it".formatted(USER, PASSWORD, TOKEN);

  private Credentials() {}

  /**
   * The header {@code Authorization}: user and password go before a token.
   *
   * @throws MlflowRefusal if a value can be in no header
   */
  static Optional<String> header(Map<String, String> environment) throws MlflowRefusal {
    String user = environment.getOrDefault(USER, "");
    String password = environment.getOrDefault(PASSWORD, "");
    if (!user.isEmpty() && !password.isEmpty()) {
      byte[] both = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
      return Optional.of("Basic " + Base64.getEncoder().encodeToString(both));
    }
    String token = environment.getOrDefault(TOKEN, "").strip();
    if (token.chars().anyMatch(c -> c <= ' ' || c > '~')) {
      throw new MlflowRefusal(TOKEN + " holds characters that a token cannot have");
    }
    return token.isEmpty() ? Optional.empty() : Optional.of("Bearer " + token);
  }
}

package io.simmim.pipeline.mlflow;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.simmim.pipeline.http.BoundedHttp;
import io.simmim.schemas.storage.StorageFailure;
import io.simmim.schemas.text.PrintableText;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** The REST interface of an MLflow tracking server, version 2.0 of it. Thread-safe. */
final class MlflowServer {
  static final ObjectMapper JSON = new ObjectMapper();

  private static final Duration CONNECTING = Duration.ofSeconds(5);
  private static final int LONGEST_ANSWER = 1 << 20;
  private static final int LONGEST_REASON = 300;

  private final URI server;
  private final Map<String, String> environment;
  private final BoundedHttp http;

  /**
   * @param server its address, without a slash at its end
   * @param environment variables with the credentials
   * @param answering how long a whole answer may take
   */
  MlflowServer(URI server, Map<String, String> environment, Duration answering) {
    this.server = server;
    this.environment = environment;
    this.http = new BoundedHttp(CONNECTING, answering, LONGEST_ANSWER);
  }

  /**
   * Asks for something.
   *
   * @param parameter name of the one parameter
   * @throws MlflowRefusal if the server says why not
   */
  JsonNode get(String call, String parameter, String value)
      throws IOException, InterruptedException {
    String query = parameter + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8);
    return answer(request(call + "?" + query).GET());
  }

  /**
   * Has something done.
   *
   * @throws MlflowRefusal if the server says why not
   */
  JsonNode post(String call, JsonNode body) throws IOException, InterruptedException {
    return answer(
        request(call)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body))));
  }

  private HttpRequest.Builder request(String call) throws MlflowRefusal {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(server + "/api/2.0/mlflow/" + call));
    Optional<String> header = Credentials.header(environment);
    header.ifPresent(value -> request.header("Authorization", value));
    return request;
  }

  private JsonNode answer(HttpRequest.Builder request) throws IOException, InterruptedException {
    HttpResponse<byte[]> response = http.send(request.build());
    int status = response.statusCode();
    JsonNode answer = json(response.body());
    if (status == 200 && answer.isObject()) {
      return answer;
    }
    if (status == 401 || status == 403) {
      throw new IOException("it answers HTTP %d (%s)".formatted(status, Credentials.ADVICE));
    }
    if (status >= 400 && status < 500 && answer.path("error_code").isTextual()) {
      String message = answer.path("message").asText("").lines().findFirst().orElse("");
      throw new MlflowRefusal(
          answer.path("error_code").textValue(),
          PrintableText.of(
              message.length() <= LONGEST_REASON
                  ? message
                  : message.substring(0, LONGEST_REASON) + "…"));
    }
    throw new IOException(
        status == 200
            ? "it answers as no tracking server does"
            : "it answers HTTP %d".formatted(status));
  }

  private static JsonNode json(byte[] body) throws IOException {
    try {
      return JSON.readTree(body);
    } catch (JsonProcessingException e) {
      return JSON.missingNode();
    }
  }

  /** Why it could not be asked, for people. */
  static String reason(IOException failure) {
    if (failure instanceof HttpTimeoutException) {
      return "it does not answer in time";
    }
    if (failure instanceof ConnectException) {
      return "no connection";
    }
    return StorageFailure.reason(failure);
  }
}

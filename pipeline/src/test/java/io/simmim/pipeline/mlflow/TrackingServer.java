package io.simmim.pipeline.mlflow;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.simmim.pipeline.mlflow.TrackedRuns.Refused;
import io.simmim.pipeline.mlflow.TrackedRuns.StoredRun;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.mlflow.api.proto.Service.CreateExperiment;
import org.mlflow.api.proto.Service.CreateRun;
import org.mlflow.api.proto.Service.LogBatch;
import org.mlflow.api.proto.Service.SearchRuns;
import org.mlflow.api.proto.Service.UpdateRun;
import org.mlflow_project.google.protobuf.InvalidProtocolBufferException;
import org.mlflow_project.google.protobuf.Message;
import org.mlflow_project.google.protobuf.util.JsonFormat;

/**
 * A tracking server in this process, for each test on a free port: it reads requests by MLflow's
 * own messages, refuses fields that these do not have, and answers what {@link TrackedRuns} say.
 */
public final class TrackingServer implements AutoCloseable, BeforeEachCallback, AfterEachCallback {
  private static final int LARGEST_REQUEST = 1_000_000;

  private final TrackedRuns tracked = new TrackedRuns();
  private final List<String> calls = new CopyOnWriteArrayList<>();
  private final List<String> authorizations = new CopyOnWriteArrayList<>();
  private HttpServer server;
  private int port;
  private int status;
  private String unheard = "";
  private final Map<String, String> given = new HashMap<>();

  /** One on a free port. */
  static TrackingServer start() throws IOException {
    TrackingServer server = new TrackingServer();
    server.comeBack();
    return server;
  }

  @Override
  public void beforeEach(ExtensionContext context) throws IOException {
    comeBack();
  }

  @Override
  public void afterEach(ExtensionContext context) {
    close();
  }

  /** Serves again, on the port that it had. */
  public synchronized void comeBack() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    port = server.getAddress().getPort();
    server.createContext("/", this::handle);
    server.start();
  }

  /** Takes no connections until it comes back. What it was asked for before is answered. */
  public synchronized void goAway() {
    server.stop(0);
  }

  public URI address() {
    return URI.create("http://127.0.0.1:" + port);
  }

  /** Answers everything with a status; 0 = as it should. */
  synchronized void failWith(int newStatus) {
    status = newStatus;
  }

  /** Does the next such call, and drops the connection instead of answering. */
  synchronized void beUnheard(String call) {
    unheard = call;
  }

  /** Answers such calls with a text, whatever they ask for; null = as it should. */
  synchronized void answer(String call, String text) {
    given.put(call, text);
  }

  synchronized void deleteRuns() {
    tracked.deleteRuns();
  }

  synchronized void loseRuns() {
    tracked.loseRuns();
  }

  public synchronized List<StoredRun> runs() {
    return tracked.runs();
  }

  synchronized List<String> experiments() {
    return tracked.experiments();
  }

  /** What was asked for, in order. */
  List<String> calls() {
    return calls;
  }

  /** What came as {@code Authorization}, empty for none. */
  List<String> authorizations() {
    return authorizations;
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      String authorization = exchange.getRequestHeaders().getFirst("Authorization");
      authorizations.add(authorization == null ? "" : authorization);
      String path = exchange.getRequestURI().getPath();
      String call = path.replaceFirst("^/api/2\\.0/mlflow/", "");
      calls.add(call);
      answer(exchange, call, body);
    }
  }

  private synchronized void answer(HttpExchange exchange, String call, byte[] body)
      throws IOException {
    if (status != 0) {
      answer(exchange, status, "<html>not what was asked for</html>");
      return;
    }
    try {
      String answer = given.get(call) == null ? answerTo(exchange, call, body) : given.get(call);
      if (call.equals(unheard)) {
        unheard = "";
      } else {
        answer(exchange, 200, answer);
      }
    } catch (Refused e) {
      answer(
          exchange,
          e.status,
          MlflowServer.JSON
              .createObjectNode()
              .put("error_code", e.code)
              .put("message", e.getMessage())
              .toString());
    }
  }

  private static void answer(HttpExchange exchange, int status, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    // A client that keeps connections may not know yet that this one is gone, or know it.
    exchange.getResponseHeaders().set("Connection", "close");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private String answerTo(HttpExchange exchange, String call, byte[] body) throws IOException {
    if (call.equals("experiments/get-by-name")) {
      return print(tracked.experiment(exchange.getRequestURI().getRawQuery()));
    }
    if (call.equals("runs/get")) {
      return print(tracked.run(exchange.getRequestURI().getRawQuery()));
    }
    if (!"application/json".equals(exchange.getRequestHeaders().getFirst("Content-Type"))) {
      throw Refused.invalid("Content-Type must be application/json");
    }
    if (body.length > LARGEST_REQUEST) {
      throw Refused.invalid("Batched logging API requests must be at most 1000000 bytes");
    }
    String text = new String(body, StandardCharsets.UTF_8);
    return switch (call) {
      case "experiments/create" ->
          print(tracked.create(parsed(text, CreateExperiment.newBuilder())));
      case "runs/create" -> print(tracked.create(parsed(text, CreateRun.newBuilder())));
      case "runs/update" -> print(tracked.update(parsed(text, UpdateRun.newBuilder())));
      case "runs/search" -> print(tracked.search(parsed(text, SearchRuns.newBuilder())));
      case "runs/log-batch" -> print(tracked.log(parsed(text, LogBatch.newBuilder())));
      default -> throw new Refused(404, "ENDPOINT_NOT_FOUND", call);
    };
  }

  /** Refuses fields that the message does not have. */
  private static <B extends Message.Builder> B parsed(String json, B builder) throws Refused {
    try {
      JsonFormat.parser().merge(json, builder);
      return builder;
    } catch (InvalidProtocolBufferException e) {
      throw Refused.invalid(e.getMessage());
    }
  }

  private static String print(Message.Builder message) throws IOException {
    return JsonFormat.printer().preservingProtoFieldNames().print(message);
  }

  @Override
  public void close() {
    goAway();
  }
}

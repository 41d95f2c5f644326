package io.simmim.pipeline.mlflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // a read heeds no interrupt
class MlflowServerTest {
  private static final String SECRET = "xyzzy";

  @RegisterExtension private final TrackingServer server = new TrackingServer();

  private MlflowServer asking(Map<String, String> environment) {
    return new MlflowServer(server.address(), environment, Duration.ofSeconds(30));
  }

  private String authorization(Map<String, String> environment) throws Exception {
    asking(environment)
        .post("experiments/create", MlflowServer.JSON.createObjectNode().put("name", "a"));
    return server.authorizations().get(0);
  }

  @Test
  void withoutCredentialsNoneAreSent() throws Exception {
    assertThat(authorization(Map.of())).isEmpty();
  }

  @Test
  void aTokenIsSent() throws Exception {
    assertThat(authorization(Map.of("MLFLOW_TRACKING_TOKEN", SECRET)))
        .isEqualTo("Bearer " + SECRET);
  }

  @Test
  void userAndPasswordGoBeforeAToken() throws Exception {
    assertThat(
            authorization(
                Map.of(
                    "MLFLOW_TRACKING_USERNAME", "ada",
                    "MLFLOW_TRACKING_PASSWORD", "lovelace",
                    "MLFLOW_TRACKING_TOKEN", SECRET)))
        .isEqualTo("Basic YWRhOmxvdmVsYWNl");
  }

  @Test
  void aTokenThatIsNoneIsNotTold() {
    assertThatThrownBy(() -> authorization(Map.of("MLFLOW_TRACKING_TOKEN", SECRET + "\n" + SECRET)))
        .isInstanceOf(MlflowRefusal.class)
        .hasMessage("MLFLOW_TRACKING_TOKEN holds characters that a token cannot have");
  }

  @Test
  void whoeverIsNotLetInIsToldWhatMayHelpAndNoSecret() {
    server.failWith(401);

    assertThatThrownBy(() -> authorization(Map.of("MLFLOW_TRACKING_TOKEN", SECRET)))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "it answers HTTP 401 (MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or"
                + " MLFLOW_TRACKING_TOKEN, must allow it)");
  }

  @Test
  void anAnswerOfSomethingElseIsNoRefusal() {
    for (int status : new int[] {200, 302, 404, 503}) {
      server.failWith(status);

      assertThatThrownBy(() -> asking(Map.of()).get("experiments/get-by-name", "a", "b"))
          .isExactlyInstanceOf(IOException.class)
          .hasMessage(
              status == 200
                  ? "it answers as no tracking server does"
                  : "it answers HTTP " + status);
    }
  }

  @Test
  void aNameIsFoundWithAllItsCharacters() throws Exception {
    String name = "a&b=c +%/ü";
    MlflowServer asking = asking(Map.of());
    asking.post("experiments/create", MlflowServer.JSON.createObjectNode().put("name", name));

    assertThat(
            asking
                .get("experiments/get-by-name", "experiment_name", name)
                .at("/experiment/name")
                .asText())
        .isEqualTo(name);
  }

  @Test
  void whatMlflowRefusesIsToldByItsOwnWords() {
    assertThatThrownBy(
            () ->
                asking(Map.of())
                    .post("runs/update", MlflowServer.JSON.createObjectNode().put("run_id", "0")))
        .isInstanceOf(MlflowRefusal.class)
        .hasMessage("Run with id=0 not found");
  }

  @Test
  void theWordsOfAServerTellATerminalNothing() {
    assertThatThrownBy(
            () ->
                asking(Map.of())
                    .post(
                        "runs/update",
                        MlflowServer.JSON.createObjectNode().put("run_id", "\u001b[2J\u202e")))
        .isInstanceOf(MlflowRefusal.class)
        .hasMessage("Run with id=\\u{1b}[2J\\u{202e} not found");
  }

  @Test
  void aServerThatDoesNotAnswerIsNotWaitedForForEver() throws Exception {
    try (ServerSocket silent = new ServerSocket(0)) {
      MlflowServer asking =
          new MlflowServer(
              URI.create("http://127.0.0.1:" + silent.getLocalPort()),
              Map.of(),
              Duration.ofMillis(100));

      assertThatThrownBy(() -> asking.get("experiments/get-by-name", "a", "b"))
          .isInstanceOfSatisfying(
              IOException.class,
              e -> assertThat(MlflowServer.reason(e)).isEqualTo("it does not answer in time"));
    }
  }

  @Test
  void anAnswerThatStopsInItsMiddleIsNotWaitedForForEver() throws Exception {
    try (HalfAnswer half = new HalfAnswer()) {
      MlflowServer asking = new MlflowServer(half.address(), Map.of(), Duration.ofSeconds(2));

      assertThatThrownBy(() -> asking.get("experiments/get-by-name", "a", "b"))
          .isInstanceOfSatisfying(
              IOException.class,
              e -> assertThat(MlflowServer.reason(e)).isEqualTo("it does not answer in time"));
      half.awaitLeft();
    }
  }

  @Test
  void whoeverIsInterruptedWhileAnAnswerComesDoesNotWaitForItsRest() throws Exception {
    try (HalfAnswer half = new HalfAnswer()) {
      MlflowServer asking = new MlflowServer(half.address(), Map.of(), Duration.ofDays(1));
      FutureTask<Object> call =
          new FutureTask<>(() -> asking.get("experiments/get-by-name", "a", "b"));
      Thread thread = new Thread(call, "asking");
      thread.setDaemon(true);
      thread.start();
      half.awaitAnswered();

      thread.interrupt();

      assertThatThrownBy(call::get).hasCauseInstanceOf(InterruptedException.class);
      half.awaitLeft();
    }
  }

  @Test
  void anAnswerThatIsLongerThanAnyShouldBeIsNotKept() throws Exception {
    HttpServer endless =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    endless.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          try (OutputStream body = exchange.getResponseBody()) {
            byte[] spaces = " ".repeat(1 << 16).getBytes(StandardCharsets.US_ASCII);
            while (true) {
              body.write(spaces);
            }
          }
        });
    endless.start();
    try {
      MlflowServer asking =
          new MlflowServer(
              URI.create("http://127.0.0.1:" + endless.getAddress().getPort()),
              Map.of(),
              Duration.ofDays(1));

      assertThatThrownBy(() -> asking.get("experiments/get-by-name", "a", "b"))
          .hasMessage("it answers as no tracking server does");
    } finally {
      endless.stop(0);
    }
  }

  @Test
  void aServerThatIsNotThereIsNamedSo() {
    server.goAway();

    assertThatThrownBy(() -> asking(Map.of()).get("experiments/get-by-name", "a", "b"))
        .isInstanceOfSatisfying(
            IOException.class, e -> assertThat(MlflowServer.reason(e)).isEqualTo("no connection"));
  }
}

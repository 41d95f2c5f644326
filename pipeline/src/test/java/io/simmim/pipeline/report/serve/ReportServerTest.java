package io.simmim.pipeline.report.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.pipeline.cluster.ChildProcess;
import io.simmim.pipeline.report.story.StoredRun;
import io.simmim.schemas.UserError;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportServerTest {
  @TempDir private Path folder;

  private final HttpClient client = HttpClient.newHttpClient();

  @Test
  void servesTheReportOfARun() throws Exception {
    StoredRun.write(folder);
    try (ReportServer server = start(folder)) {
      HttpResponse<String> page = get(server, "");

      assertThat(page.statusCode()).isEqualTo(200);
      assertThat(page.body()).contains("SimMIM run " + folder, "step 10 of 10");
      assertThat(page.headers().firstValue("content-type")).hasValue("text/html; charset=utf-8");
      assertThat(page.headers().firstValue("cache-control")).hasValue("no-store");
      assertThat(page.headers().firstValue("content-security-policy").orElseThrow())
          .contains("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'");
      assertThat(get(server, "live.js").body()).contains("Renews a page");
      HttpResponse<String> head =
          client.send(
              HttpRequest.newBuilder(URI.create(server.address()))
                  .method("HEAD", BodyPublishers.noBody())
                  .build(),
              BodyHandlers.ofString());
      assertThat(head.statusCode()).isEqualTo(200);
      assertThat(head.body()).isEmpty();
    }
  }

  @Test
  void servesNothingElse() throws Exception {
    StoredRun.write(folder.resolve("a"));
    StoredRun.write(folder.resolve("b"));
    Files.writeString(folder.resolve("a/secret"), "hush");
    try (ReportServer server = start(folder)) {
      for (String path :
          List.of("a", "a/secret", "%2e%2e/secret", "?run=/etc", "?run=", "?run=" + folder)) {
        HttpResponse<String> answer = get(server, path);
        assertThat(answer.statusCode()).as(path).isIn(200, 404);
        assertThat(answer.body()).as(path).doesNotContain("hush", "secret");
      }
      assertThat(get(server, "?run=/etc").statusCode()).isEqualTo(404);
      HttpRequest post =
          HttpRequest.newBuilder(URI.create(server.address()))
              .POST(BodyPublishers.ofString("x"))
              .build();
      assertThat(client.send(post, BodyHandlers.ofString()).statusCode()).isEqualTo(405);
    }
  }

  @Test
  void answersNoOtherSite() throws Exception {
    StoredRun.write(folder);
    try (ReportServer server = start(folder)) {
      int port = URI.create(server.address()).getPort();

      assertThat(statusFor(port, "attacker.example")).contains(" 421 ");
      assertThat(statusFor(port, "attacker.example:" + port)).contains(" 421 ");
      assertThat(statusFor(port, "localhost:" + port)).contains(" 200 ");
      assertThat(statusFor(port, "127.0.0.1:" + port)).contains(" 200 ");
    }
  }

  @Test
  void showsTheRunsOfAFolderSideBySide() throws Exception {
    StoredRun.write(folder.resolve("runs/a&b"));
    StoredRun.write(folder.resolve("runs/second"));
    Files.createDirectories(folder.resolve("runs/no-run"));
    try (ReportServer server = start(folder.resolve("runs"))) {
      String all = get(server, "").body();
      assertThat(all).contains("2 SimMIM runs", ">a&amp;b</a>", ">second</a>", "Side by side");
      assertThat(all).doesNotContain("no-run", "The charts show");

      String name = all.replaceAll("(?s).*value=\"([^\"]*second)\".*", "$1");
      String encoded = URLEncoder.encode(name, StandardCharsets.UTF_8);
      assertThat(get(server, "?compare=" + encoded).body()).contains("The charts show “second”.");
      assertThat(get(server, "?run=" + encoded).body()).contains("SimMIM run ", "All runs");
    }
  }

  @Test
  void refusesWhatHoldsNoRun() {
    assertThatThrownBy(() -> start(folder))
        .isInstanceOf(UserError.class)
        .hasMessageStartingWith("no run in " + folder + " (allowed: outputs of runs");
  }

  @Test
  void saysThatAPageTakesMoreMemoryThanThereIs() throws Exception {
    ReportServer.Pages pages =
        query -> {
          throw new OutOfMemoryError("Java heap space");
        };
    try (ReportServer server = ReportServer.start(pages, 0)) {
      HttpResponse<String> answer = get(server, "");

      assertThat(answer.statusCode()).isEqualTo(500);
      assertThat(answer.body())
          .startsWith("the report takes more memory than there is: Java heap space (Java's heap");
    }
  }

  @Test
  void isGoneWhenItIsClosed() throws Exception {
    StoredRun.write(folder);
    ReportServer server = start(folder);
    server.close();

    assertThatThrownBy(() -> get(server, "")).isInstanceOf(ConnectException.class);
  }

  /** In a JVM of its own: the limits are read once, by the first server of a JVM. */
  @Test
  void answersThoughOthersSendHalfARequest() throws Exception {
    StoredRun.write(folder.resolve("run"));
    List<String> command = new ArrayList<>(List.of(ChildProcess.java()));
    command.addAll(ChildProcess.QUICK_START);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add("io.simmim.pipeline.cli.Main");
    command.addAll(List.of("report", folder.resolve("run").toString(), "--serve", "0"));
    List<Socket> stuck = new ArrayList<>();
    try (ChildProcess process =
        ChildProcess.start(folder.resolve("logs"), "report", Map.of(), command)) {
      Pattern address = Pattern.compile("http://localhost:([0-9]+)/");
      Awaitility.await()
          .atMost(Duration.ofMinutes(2))
          .until(() -> address.matcher(process.output()).find());
      Matcher found = address.matcher(process.output());
      assertThat(found.find()).isTrue();
      int port = Integer.parseInt(found.group(1));
      for (int i = 0; i < 40; i++) {
        Socket socket = new Socket("localhost", port);
        stuck.add(socket);
        socket.getOutputStream().write("GET / HT".getBytes(StandardCharsets.US_ASCII));
      }

      Awaitility.await()
          .atMost(Duration.ofMinutes(2))
          .ignoreExceptionsInstanceOf(IOException.class) // waited as long as those that are stuck
          .until(() -> statusFor(port, "localhost:" + port).contains(" 200 "));
    } finally {
      for (Socket socket : stuck) {
        socket.close();
      }
    }
  }

  private static ReportServer start(Path outputs) throws IOException {
    return ReportServer.start(List.of(outputs.toString()), 0);
  }

  private HttpResponse<String> get(ReportServer server, String path)
      throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(URI.create(server.address() + path)).build(),
        BodyHandlers.ofString());
  }

  /** Java's client leaves nobody the choice of this header. */
  private static String statusFor(int port, String host) throws IOException {
    try (Socket socket = new Socket("localhost", port)) {
      socket.setSoTimeout(20_000);
      String request = "GET / HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n".formatted(host);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .findFirst()
          .orElse("");
    }
  }
}

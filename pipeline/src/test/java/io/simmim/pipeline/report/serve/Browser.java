package io.simmim.pipeline.report.serve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A Chromium without a window, and one page at a time in it, through the DevTools protocol. It
 * notes every address that the page asks for.
 */
final class Browser implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long LIMIT_SECONDS = 60;
  private static final List<String> NAMES =
      List.of("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome");

  private final Process process;
  private final WebSocket socket;
  private final Map<Integer, CompletableFuture<JsonNode>> waiting;
  private final List<Request> requests;
  private final AtomicInteger calls = new AtomicInteger();
  private String page = "";
  private String session = "";

  /** An address that a page asked for. */
  private record Request(String session, String address) {}

  private Browser(
      Process process,
      WebSocket socket,
      Map<Integer, CompletableFuture<JsonNode>> waiting,
      List<Request> requests) {
    this.process = process;
    this.socket = socket;
    this.waiting = waiting;
    this.requests = requests;
  }

  /** The program, where there is one. */
  static Optional<Path> program() {
    return NAMES.stream().map(Path::of).filter(Files::isExecutable).findFirst();
  }

  /** Starts it, with a profile in a folder. */
  static Browser start(Path profile) throws Exception {
    Process process =
        new ProcessBuilder(
                program().orElseThrow().toString(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--remote-debugging-port=0",
                "--user-data-dir=" + profile,
                "about:blank")
            .redirectErrorStream(true)
            .start();
    try {
      return connected(process);
    } catch (Exception | Error e) {
      process.destroyForcibly();
      throw e;
    }
  }

  private static Browser connected(Process process) throws Exception {
    Map<Integer, CompletableFuture<JsonNode>> waiting = new ConcurrentHashMap<>();
    List<Request> requests = new CopyOnWriteArrayList<>();
    WebSocket socket =
        HttpClient.newHttpClient()
            .newWebSocketBuilder()
            .buildAsync(URI.create(address(process)), new Listener(waiting, requests))
            .get(LIMIT_SECONDS, TimeUnit.SECONDS);
    return new Browser(process, socket, waiting, requests);
  }

  private static String address(Process process) throws IOException {
    BufferedReader output = process.inputReader();
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      int begin = line.indexOf("ws://");
      if (begin >= 0) {
        return line.substring(begin).strip();
      }
    }
    throw new IOException("Chromium does not say where it listens");
  }

  /** Messages come in parts. */
  private static final class Listener implements WebSocket.Listener {
    private final Map<Integer, CompletableFuture<JsonNode>> waiting;
    private final List<Request> requests;
    private final StringBuilder text = new StringBuilder();

    Listener(Map<Integer, CompletableFuture<JsonNode>> waiting, List<Request> requests) {
      this.waiting = waiting;
      this.requests = requests;
    }

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean last) {
      text.append(part);
      if (last) {
        receive(text.toString());
        text.setLength(0);
      }
      socket.request(1);
      return null;
    }

    private void receive(String message) {
      try {
        JsonNode node = JSON.readTree(message);
        if (node.has("id")) {
          waiting.remove(node.get("id").asInt()).complete(node);
        } else if (node.path("method").asText().equals("Network.requestWillBeSent")) {
          requests.add(
              new Request(
                  node.path("sessionId").asText(), node.at("/params/request/url").asText()));
        }
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private JsonNode call(String method, Map<String, ?> parameters) throws Exception {
    int id = calls.incrementAndGet();
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    waiting.put(id, answer);
    ObjectNode message = JSON.createObjectNode().put("id", id).put("method", method);
    message.set("params", JSON.valueToTree(parameters));
    if (!session.isEmpty()) {
      message.put("sessionId", session);
    }
    socket.sendText(message.toString(), true).get(LIMIT_SECONDS, TimeUnit.SECONDS);
    JsonNode result = answer.get(LIMIT_SECONDS, TimeUnit.SECONDS);
    if (!result.has("result")) {
      throw new IllegalStateException(method + ": " + result);
    }
    return result.get("result");
  }

  /** Opens an empty page, and closes the one before it. */
  void newPage() throws Exception {
    session = "";
    if (!page.isEmpty()) {
      call("Target.closeTarget", Map.of("targetId", page));
    }
    page = call("Target.createTarget", Map.of("url", "about:blank")).get("targetId").asText();
    session =
        call("Target.attachToTarget", Map.of("targetId", page, "flatten", true))
            .get("sessionId")
            .asText();
    call("Network.enable", Map.of());
    call("Page.enable", Map.of());
  }

  /** Makes the page as wide as that of a phone. */
  void phone() throws Exception {
    call(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", 390, "height", 844, "deviceScaleFactor", 1, "mobile", true));
  }

  void open(String address) throws Exception {
    call("Page.navigate", Map.of("url", address));
  }

  /** What a script of the test finds in the page. */
  String find(String expression) throws Exception {
    JsonNode result =
        call("Runtime.evaluate", Map.of("expression", expression, "returnByValue", true));
    if (result.has("exceptionDetails")) {
      throw new IllegalStateException(result.toString());
    }
    return result.at("/result/value").asText();
  }

  /** Presses a key, as a person without a mouse. */
  void press(String key, int code) throws Exception {
    for (String type : List.of("rawKeyDown", "keyUp")) {
      call(
          "Input.dispatchKeyEvent",
          Map.of("type", type, "key", key, "code", key, "windowsVirtualKeyCode", code));
    }
  }

  /** What the user of the browser prefers: light or dark. */
  void prefer(String scheme) throws Exception {
    call(
        "Emulation.setEmulatedMedia",
        Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
  }

  /** Addresses that the page has asked for. */
  List<String> requests() {
    return requests.stream()
        .filter(request -> request.session().equals(session))
        .map(Request::address)
        .toList();
  }

  @Override
  public void close() {
    socket.abort();
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly().onExit().join();
  }
}

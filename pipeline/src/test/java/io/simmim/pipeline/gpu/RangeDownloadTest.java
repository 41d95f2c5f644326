package io.simmim.pipeline.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.simmim.schemas.UserError;
import io.simmim.schemas.bytes.Sha256;
import io.simmim.schemas.storage.ForcedFiles;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RangeDownloadTest {
  private static final int LENGTH = 300_000;

  @TempDir private Path folder;
  private final byte[] content = new byte[LENGTH];
  private final List<String> ranges = new ArrayList<>();
  private HttpServer server;
  private boolean takesRanges = true;
  private int status;
  private int bytesPerAnswer = LENGTH;
  private String page = "";

  @BeforeEach
  void serve() throws IOException {
    new Random(1).nextBytes(content);
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    String range = exchange.getRequestHeaders().getFirst("Range");
    ranges.add(String.valueOf(range));
    int first =
        takesRanges && range != null ? Integer.parseInt(range.replaceAll("bytes=|-", "")) : 0;
    if (status != 0) {
      exchange.sendResponseHeaders(status, -1);
      status = status == 429 ? 0 : status;
    } else if (!page.isEmpty()) {
      exchange.getResponseHeaders().set("Content-Type", page);
      exchange.sendResponseHeaders(200, page.startsWith("text") ? 0 : 7);
      exchange.getResponseBody().write("Log in!".getBytes(StandardCharsets.US_ASCII));
    } else {
      if (first > 0) {
        exchange
            .getResponseHeaders()
            .set("Content-Range", "bytes %d-%d/%d".formatted(first, LENGTH - 1, LENGTH));
      }
      exchange.sendResponseHeaders(first > 0 ? 206 : 200, LENGTH - first);
      // Fewer than were promised: the connection is cut.
      int last = Math.min(LENGTH, first + bytesPerAnswer);
      exchange.getResponseBody().write(Arrays.copyOfRange(content, first, last));
    }
    exchange.close();
  }

  private URI source() {
    return URI.create("http://127.0.0.1:%d/a.jar".formatted(server.getAddress().getPort()));
  }

  private Path fetch(String sha256) throws Exception {
    Path target = folder.resolve("a.jar");
    new RangeDownload(Duration.ZERO).fetch(source(), target, LENGTH, sha256, bytes -> {});
    return target;
  }

  @Test
  void fetchesAFileOnce() throws Exception {
    assertThat(fetch(Sha256.hex(content))).hasBinaryContent(content);
    assertThat(fetch(Sha256.hex(content))).hasBinaryContent(content);

    assertThat(ranges).containsExactly("null");
    assertThat(folder).isDirectoryNotContaining("glob:**.part");
  }

  /** It is not checked again. */
  @Test
  void aFileIsOnDiskBeforeItHasItsName() throws Exception {
    assertThat(ForcedFiles.during(folder, () -> fetch(Sha256.hex(content))))
        .containsExactly(folder.resolve("a.jar.part").toString());
  }

  @Test
  void goesOnWhereAKilledProcessStopped() throws Exception {
    Files.write(folder.resolve("a.jar.part"), Arrays.copyOf(content, 100_000));

    assertThat(fetch(Sha256.hex(content))).hasBinaryContent(content);

    assertThat(ranges).containsExactly("bytes=100000-");
  }

  @Test
  void goesOnWhereAConnectionBroke() throws Exception {
    bytesPerAnswer = 120_000;

    assertThat(fetch(Sha256.hex(content))).hasBinaryContent(content);

    assertThat(ranges).hasSize(3).startsWith("null").doesNotHaveDuplicates();
  }

  @Test
  void goesOnAsLongAsEachConnectionBringsSomething() throws Exception {
    bytesPerAnswer = 30_000;

    assertThat(fetch(Sha256.hex(content))).hasBinaryContent(content);

    assertThat(ranges).hasSizeGreaterThanOrEqualTo(10).doesNotHaveDuplicates();
  }

  /** As a network does that wants a login first: a page, of a length that may not be told. */
  @ParameterizedTest
  @ValueSource(strings = {"text/html", "application/octet-stream"})
  void keepsWhatCameWhereAnotherAnswersThanWasAsked(String type) throws Exception {
    Path part = folder.resolve("a.jar.part");
    Files.write(part, Arrays.copyOf(content, 100_000));
    page = type;

    assertThatThrownBy(() -> fetch(Sha256.hex(content)))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "cannot fetch %s: the server %s (the same command goes on where this one stopped)",
            source(),
            type.startsWith("text")
                ? "answers with a page (text/html)"
                : "has 7 bytes, not 300000");

    page = "";
    assertThat(part).hasBinaryContent(Arrays.copyOf(content, 100_000));
    assertThat(fetch(Sha256.hex(content))).hasBinaryContent(content);
  }

  @Test
  void triesAgainWhereTheServerHasTooMuchToDo() throws Exception {
    status = 429;

    assertThat(fetch(Sha256.hex(content))).hasBinaryContent(content);

    assertThat(ranges).hasSize(2);
  }

  @Test
  void startsOverWhereTheServerHasNoRanges() throws Exception {
    takesRanges = false;
    Files.write(folder.resolve("a.jar.part"), new byte[100_000]);

    assertThat(fetch(Sha256.hex(content))).hasBinaryContent(content);
  }

  @Test
  void keepsNothingOfAnotherFile() {
    String expected = Sha256.hex(new byte[0]);

    assertThatThrownBy(() -> fetch(expected))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "%s is not the file that was expected: SHA-256 %s (expected: %s)",
            source(), Sha256.hex(content), expected);
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void tellsWhatTheServerRefuses() {
    status = 404;

    assertThatThrownBy(() -> fetch(""))
        .isInstanceOf(UserError.class)
        .hasMessage("cannot fetch %s: the server answers 404", source());
    assertThat(ranges).hasSize(1);
  }

  @Test
  void keepsWhatCameWhenItGivesUp() throws Exception {
    Files.write(folder.resolve("a.jar.part"), Arrays.copyOf(content, 100_000));
    status = 503;

    assertThatThrownBy(() -> fetch(""))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "cannot fetch %s: the server answers 503 (the same command goes on where this one"
                + " stopped)",
            source());
    assertThat(ranges).hasSize(5);
    assertThat(folder.resolve("a.jar.part")).hasSize(100_000);
  }
}

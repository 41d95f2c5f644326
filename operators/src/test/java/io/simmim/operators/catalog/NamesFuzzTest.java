package io.simmim.operators.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.simmim.operators.catalog.tar.MemberName;
import io.simmim.schemas.ImageRef;
import io.simmim.schemas.UserError;
import io.simmim.schemas.storage.StorageUri;
import io.simmim.schemas.text.PrintableText;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.stream.Stream;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(20)
class NamesFuzzTest {
  static Stream<byte[]> names() {
    return Stream.of(
            "a/b.jpg",
            "2024-05-01T10:20:30.JPEG",
            "./._a.jpg",
            "__MACOSX/../x.tar",
            "a\nb\u001b[31m\u202e.jpg",
            "20:30 #1?%41.tar.gz",
            "s3://bucket/a b",
            "C:/x",
            "日本\uD83D\uDE00.jpg")
        .map(name -> name.getBytes(StandardCharsets.UTF_8));
  }

  @MethodSource("names")
  @FuzzTest
  void areToldOnOneLineAndLeadToTheirFiles(byte[] bytes) {
    String name = new String(bytes, StandardCharsets.UTF_8);
    requirePrintable(PrintableText.of(name));
    requirePrintable(new ImageRef(0, "file:/x.tar", 0, 1, name, "").name());
    String lower = name.toLowerCase(Locale.ROOT);
    assertThat(ImageNames.isImage(name) || !lower.matches("(?s).*\\.(jpe?g|png)")).isTrue();
    assertThat(MemberName.of(name).hidden()).isEqualTo(ImageNames.isHidden(name));
    assertThat(ImageNames.isHidden("a/" + name + "/b")).isEqualTo(ImageNames.isHidden(name));
    requireLeadsToItsFile(name);
    requireUnderstoodOrRefused(name);
  }

  private static void requirePrintable(String shown) {
    assertThat(shown.codePoints().noneMatch(Character::isISOControl)).isTrue();
    assertThat(shown.lines().count()).isLessThanOrEqualTo(1);
    assertThat(PrintableText.of(shown)).isEqualTo(shown);
  }

  /** A name that a local listing takes for one that can be read. */
  private static void requireLeadsToItsFile(String name) {
    boolean single = name.chars().noneMatch(c -> c == '/' || c == '\\' || c == 0);
    if (single && !name.isEmpty() && !name.equals(".") && !name.equals("..")) {
      Path path = new Path("file:/folder/" + name);
      assertThat(path.getPath()).isEqualTo("/folder/" + name);
      assertThat(new Path(path.toString())).isEqualTo(path);
    }
  }

  /** What users type. {@code a/..} is the current folder, whose path is empty until qualified. */
  private static void requireUnderstoodOrRefused(String text) {
    try {
      Path path = StorageUri.path("input", text);
      assertThat(path.makeQualified(FileSystem.getLocalFileSystem()).toString()).isNotEmpty();
    } catch (UserError | IllegalArgumentException e) {
      assertThat(e.getMessage()).isNotBlank();
    }
  }
}

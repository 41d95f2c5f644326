package io.simmim.pipeline.launcher;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The scripts in {@code bin}, called in a folder with a space, with a Java and a Maven that tell.
 */
@Timeout(60)
abstract class LauncherCase {
  private static final Path SCRIPTS = Path.of("..", "bin").toAbsolutePath().normalize();

  @TempDir Path folder;
  final Map<String, String> environment = new HashMap<>();
  Path home;
  Path target;

  @BeforeEach
  void checkOut() throws IOException {
    home = folder.resolve("my projects/simmim");
    target = home.resolve("pipeline/target");
    Files.createDirectories(home.resolve("bin"));
    Files.createDirectories(home.resolve("pipeline"));
    Files.createDirectories(folder.resolve("notes"));
    Files.writeString(home.resolve("pom.xml"), "<project/>");
    for (String script : List.of("simmim", "class-archive")) {
      Files.copy(SCRIPTS.resolve(script), home.resolve("bin").resolve(script));
    }
    executable("tools/java", LauncherTools.JAVA);
    executable("tools/mvn", LauncherTools.MAVEN);
  }

  void executable(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }

  Process start(String script, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of("sh", "bin/" + script));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(home.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("output").toFile()));
    builder.environment().keySet().removeIf(name -> name.matches("(LC|SIMMIM)_.*"));
    builder.environment().remove("JAVA_HOME");
    builder.environment().remove("DJL_CACHE_DIR");
    builder.environment().put("TMPDIR", folder.toString());
    builder.environment().put("JAR", target.resolve("simmim-pipeline.jar").toString());
    builder.environment().put("NOTES", folder.resolve("notes").toString());
    builder.environment().merge("PATH", "", (path, none) -> folder.resolve("tools") + ":" + path);
    builder.environment().putAll(environment);
    return builder.start();
  }

  int run(String script, String... arguments) throws Exception {
    Process process = start(script, arguments);
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    return process.exitValue();
  }

  List<String> notes(String tool) throws IOException {
    return Files.readAllLines(folder.resolve("notes").resolve(tool), UTF_8);
  }
}

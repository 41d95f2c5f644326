package io.simmim.pipeline.gpu;

import io.simmim.schemas.UserError;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The repository that Maven takes libraries from on this machine, so that a mirror in Maven's
 * settings is used here too. Maven itself is not asked to fetch: Maven 3.8 does not go on where a
 * transfer of gigabytes broke off.
 *
 * @param root with a slash at its end
 */
record MavenRepository(URI root) {
  private static final String EVALUATE =
      "org.apache.maven.plugins:maven-help-plugin:3.5.1:evaluate";
  private static final Pattern URL = Pattern.compile("https?://[^\\s\\x1b]+");

  /** A repository that the user names. */
  static MavenRepository of(String url) {
    if (!URL.matcher(url).matches()) {
      throw new UserError("a repository must be an http or https URL: " + url);
    }
    return new MavenRepository(URI.create(url.endsWith("/") ? url : url + "/"));
  }

  /**
   * The first one that Maven would ask.
   *
   * @throws UserError if Maven is not there or does not tell
   */
  static MavenRepository ofMaven() throws IOException {
    Path folder = Files.createTempDirectory("simmim-maven");
    try {
      Process process =
          new ProcessBuilder(
                  List.of(
                      "mvn",
                      "-q",
                      "-B",
                      "-N",
                      "-Dstyle.color=never",
                      EVALUATE,
                      "-Dexpression=project.remoteArtifactRepositories[0].url",
                      "-DforceStdout"))
              .directory(folder.toFile())
              .redirectErrorStream(true)
              .start();
      String output;
      try (var in = process.getInputStream()) {
        output = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      }
      Matcher url = URL.matcher(output);
      if (process.onExit().join().exitValue() != 0 || !url.find()) {
        throw new UserError(
            "Maven does not tell its repository (%s): name one by --repository, or a folder with the jars by --from"
                .formatted(output.lines().findFirst().orElse("no answer")));
      }
      return of(url.group());
    } catch (IOException e) {
      throw new UserError(
          "Maven is not there to tell its repository: name one by --repository, or a folder with the jars by --from",
          e);
    } finally {
      Files.delete(folder);
    }
  }
}

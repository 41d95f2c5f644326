package io.simmim.pipeline.gpu;

import io.simmim.schemas.UserError;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
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

  private static final Pattern PASSWORD = Pattern.compile("//[^/]*@");

  /**
   * A repository that the user names.
   *
   * @throws UserError if that is none, or one with a password, which messages would show
   */
  static MavenRepository of(String url) {
    String shown = PASSWORD.matcher(url).replaceFirst("//…@");
    if (!shown.equals(url)) {
      throw new UserError(
          "a repository must be named without user and password: %s (take the jars by --from)"
              .formatted(shown));
    }
    try {
      URI root = new URI(url.endsWith("/") ? url : url + "/");
      if (URL.matcher(url).matches() && root.getHost() != null) {
        return new MavenRepository(root);
      }
    } catch (URISyntaxException e) {
      throw new UserError(noRepository(url), e);
    }
    throw new UserError(noRepository(url));
  }

  private static String noRepository(String url) {
    return "a repository must be an http or https URL: " + url;
  }

  /**
   * The first one that Maven would ask.
   *
   * @throws UserError if Maven is not there or does not tell
   */
  static MavenRepository ofMaven() throws IOException {
    return ofMaven("mvn");
  }

  static MavenRepository ofMaven(String command) throws IOException {
    Path folder = Files.createTempDirectory("simmim-maven");
    // Apart: what Java says there of its options may have other URLs in it.
    Path errors = Files.createFile(folder.resolve("errors"));
    try {
      Process process =
          new ProcessBuilder(
                  List.of(
                      command,
                      "-q",
                      "-B",
                      "-N",
                      "-Dstyle.color=never",
                      EVALUATE,
                      "-Dexpression=project.remoteArtifactRepositories[0].url",
                      "-DforceStdout"))
              .directory(folder.toFile())
              .redirectError(errors.toFile())
              .start();
      String output;
      try (var in = process.getInputStream()) {
        output = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      }
      Matcher url = URL.matcher(output);
      if (process.onExit().join().exitValue() != 0 || !url.find()) {
        throw new UserError(
            "Maven does not tell its repository (%s): name one by --repository, or a folder with the jars by --from"
                .formatted(firstLine(output + "\n" + Files.readString(errors))));
      }
      return of(url.group());
    } catch (IOException e) {
      throw new UserError(
          "Maven is not there to tell its repository: name one by --repository, or a folder with the jars by --from",
          e);
    } finally {
      Files.delete(errors);
      Files.delete(folder);
    }
  }

  private static String firstLine(String text) {
    return text.lines().filter(line -> !line.isBlank()).findFirst().orElse("no answer");
  }
}

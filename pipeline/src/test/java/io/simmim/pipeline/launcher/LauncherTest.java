package io.simmim.pipeline.launcher;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** How the scripts in {@code bin} find, build and start what they are for. */
class LauncherTest extends LauncherCase {
  @Test
  void givesJavaEachPathAsOneArgument() throws Exception {
    assertThat(run("simmim", "show", "a run")).isZero();

    assertThat(target.resolve("simmim.jsa")).hasContent("classes");
    assertThat(notes("java"))
        .contains("-XX:ArchiveClassesAtExit=" + target + "/simmim.jsa.new")
        .contains("-XX:SharedArchiveFile=" + target + "/simmim.jsa.new")
        .containsSubsequence(
            "-XX:SharedArchiveFile=" + target + "/simmim.jsa",
            "-cp",
            target + "/simmim-pipeline.jar:" + target + "/flink/*",
            "io.simmim.pipeline.cli.Main",
            "show",
            "a run");
    try (var files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .as("nothing beside the checkout")
          .containsExactlyInAnyOrder("my projects", "notes", "output", "tools");
    }
  }

  /** Shells go to these folders first where a path does not begin with a dot. */
  @Test
  void findsItselfWhateverFoldersTheShellLooksIn() throws Exception {
    Files.createDirectories(folder.resolve("elsewhere/bin"));
    environment.put("CDPATH", folder.resolve("elsewhere") + ":.");

    assertThat(run("simmim", "show")).isZero();

    assertThat(notes("java"))
        .contains(target.resolve("simmim-pipeline.jar") + ":" + target.resolve("flink") + "/*");
  }

  @Test
  void refusesAFolderThatJavaTakesForSeveral() throws Exception {
    home = Files.move(home, folder.resolve("10:30"));

    assertThat(run("simmim", "show")).isEqualTo(2);

    assertThat(folder.resolve("output"))
        .hasContent(
            "simmim: Java cannot load classes from a folder with a colon in its name: " + home);
  }

  @Test
  void saysInOneLineThatItCannotBuild() throws Exception {
    Files.createFile(target);
    assertThat(run("simmim", "show")).isEqualTo(2);
    Files.delete(target);
    assertThat(run("simmim", "show")).isZero();
    Files.delete(target.resolve("build.lock"));
    Files.createDirectory(target.resolve("build.lock"));
    assertThat(run("simmim", "show")).isZero();
    Files.setLastModifiedTime(
        target.resolve("simmim-pipeline.jar"), FileTime.fromMillis(1_000_000_000_000L));
    assertThat(run("simmim", "show")).isEqualTo(2);

    assertThat(Files.readAllLines(folder.resolve("output"), UTF_8))
        .filteredOn(line -> line.contains("cannot"))
        .containsExactly(
            "simmim: nothing is built yet, and %s cannot be written: whoever can runs bin/simmim once"
                .formatted(target),
            "simmim: the build is older than sources, and %s cannot be written (SIMMIM_NO_BUILD=1 takes it as it is)"
                .formatted(target));
    assertThat(notes("mvn")).hasSize(1);
  }

  /** In other languages nothing would know a full disk by the words of the system. */
  @Test
  void letsTheSystemSpeakEnglishAndKeepsTheEncoding() throws Exception {
    environment.put("LC_ALL", "C.UTF-8");
    environment.put("LC_MESSAGES", "de_DE.UTF-8");

    assertThat(run("simmim", "demo")).isZero();

    assertThat(notes("locale")).containsExactly("LC_CTYPE=C.UTF-8", "LC_MESSAGES=C");
  }

  @Test
  void buildsAgainWhatWasCutOff() throws Exception {
    Path cutOff = Files.createFile(folder.resolve("notes/cut-off"));
    assertThat(run("simmim", "show")).isEqualTo(2);
    Files.delete(cutOff);

    assertThat(run("simmim", "show")).isZero();
    assertThat(run("simmim", "show")).isZero();
    assertThat(notes("mvn")).hasSize(2);
  }

  @Test
  void buildsOnceForAllThatAreCalledTogether() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/flock")), "flock is not installed");
    List<Process> calls = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      calls.add(start("simmim", "show"));
    }

    for (Process call : calls) {
      assertThat(call.waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(call.exitValue()).isZero();
    }
    assertThat(notes("mvn")).hasSize(1);
    assertThat(notes("jars")).as("the whole jar").containsOnly("9000");
  }

  /** As of a container with a number for a user. Java's home is "?" then. */
  @Test
  void tellsJavaTheHomeOfAUserWhoIsInNoList() throws Exception {
    executable("tools/getent", "#!/bin/sh\nexit 2\n");
    environment.put("HOME", folder.resolve("a home").toString());
    assertThat(run("simmim", "show")).isZero();
    assertThat(notes("java")).contains("-Duser.home=" + folder.resolve("a home"));

    environment.put("HOME", "");
    assertThat(run("simmim", "show")).isZero();
    assertThat(run("simmim", "show")).isZero();

    String told =
        notes("java").stream()
            .filter(argument -> argument.startsWith("-Duser.home="))
            .reduce("", (earlier, last) -> last);
    assertThat(told).matches("-Duser.home=" + Pattern.quote(folder + "/simmim-") + "[0-9]+");
    assertThat(Files.getPosixFilePermissions(Path.of(told.substring(told.indexOf('=') + 1))))
        .isEqualTo(PosixFilePermissions.fromString("rwx------"));
  }

  @Test
  void leavesTheHomeOfOthersToJava() throws Exception {
    listUser(folder);

    assertThat(run("simmim", "show")).isZero();

    assertThat(notes("java"))
        .noneMatch(argument -> argument.matches("-D(user.home|jna.tmpdir|org.bytedeco.*)=.*"));
    assertThat(notes("djl")).isEmpty();
  }

  /** As of a service's user. A folder of one name for all would belong to who came first. */
  @Test
  void givesUsersWhoseHomeCannotBeWrittenAFolderOfTheirOwnForLibraries() throws Exception {
    listUser(Path.of("/nonexistent"));

    assertThat(run("simmim", "show")).isZero();

    String own = folder + "/simmim-" + Files.getAttribute(folder, "unix:uid");
    assertThat(notes("djl")).containsExactly("DJL_CACHE_DIR=" + own + "/.djl.ai");
    assertThat(notes("java"))
        .contains("-Dorg.bytedeco.javacpp.cachedir=" + own + "/.javacpp", "-Djna.tmpdir=" + own)
        .noneMatch(argument -> argument.startsWith("-Duser.home="));
    assertThat(Files.getPosixFilePermissions(Path.of(own)))
        .isEqualTo(PosixFilePermissions.fromString("rwx------"));
    environment.put("DJL_CACHE_DIR", "/prepared");
    assertThat(run("simmim", "show")).isZero();
    assertThat(notes("djl")).containsExactly("DJL_CACHE_DIR=/prepared");
  }

  private void listUser(Path home) throws IOException {
    executable(
        "tools/getent", "#!/bin/sh\necho 'somebody:x:1234:1234::%s:/bin/sh'\n".formatted(home));
  }

  @Test
  void repeatsWhatJavaSaysWhereItDoesNotStart() throws Exception {
    Files.createFile(folder.resolve("notes/no-java"));

    assertThat(run("simmim", "show")).isEqualTo(2);

    assertThat(Files.readAllLines(folder.resolve("output"), UTF_8))
        .singleElement()
        .asString()
        .startsWith(
            "simmim: Java does not start (java): Error occurred during initialization of VM")
        .contains("Could not reserve enough space");
  }

  @Test
  void quietensNewerJavaByWhatItKnows() throws Exception {
    for (String version : List.of("17", "21", "27")) {
      environment.put("JAVA_VERSION", version);
      assertThat(run("simmim", "show")).isZero();
    }
    assertThat(notes("java")).noneMatch(argument -> argument.contains("unsafe"));
    environment.put("JAVA_VERSION", "25");
    assertThat(run("simmim", "show")).isZero();
    assertThat(notes("java")).contains("--sun-misc-unsafe-memory-access=allow");
  }

  /** As of a machine with 900 MB. Others read what commands print. */
  @Test
  void leavesStandardOutputToTheCommandWhereTheHeapIsSmall() throws Exception {
    assertThat(run("simmim", "show")).isZero();
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin/java").toString());
    notes("java").stream()
        .filter(option -> option.matches("-X(X:.Use|log|mn).*"))
        .forEach(command::add);
    command.addAll(List.of("-Xmx200m", "-version"));
    Path errors = folder.resolve("errors");

    Process java = new ProcessBuilder(command).redirectError(errors.toFile()).start();

    assertThat(java.getInputStream().readAllBytes()).asString(UTF_8).isEmpty();
    assertThat(java.waitFor()).isZero();
    assertThat(errors).content().contains("version").doesNotContain("warning");
  }

  /** It would lose every class that it has not loaded yet. */
  @Test
  void leavesARunTheJarThatItHasOpen() throws Exception {
    assertThat(run("simmim", "show")).isZero();
    Path jar = target.resolve("simmim-pipeline.jar");
    byte[] before = Files.readAllBytes(jar);
    try (RandomAccessFile open = new RandomAccessFile(jar.toFile(), "r")) {
      Files.setLastModifiedTime(
          home.resolve("pom.xml"), FileTime.fromMillis(System.currentTimeMillis() + 5000));
      assertThat(run("simmim", "show")).isZero();

      assertThat(notes("mvn"))
          .as("what has changed since a build is checked")
          .containsExactly("-Dunchecked", "-Dspotless.check.skip");
      byte[] still = new byte[before.length];
      open.readFully(still);
      assertThat(still).isEqualTo(before);
      assertThat(open.length()).isEqualTo(before.length);
    }
  }
}

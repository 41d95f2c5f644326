package io.simmim.pipeline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.pipeline.cluster.ChildProcess;
import io.simmim.pipeline.cluster.CommandResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real bash completes with the script that {@code completion bash} prints. */
class CompletionTest {
  @TempDir private Path folder;
  private Path script;

  @BeforeEach
  void print() throws IOException {
    CommandResult printed = InThisProcess.run(List.of("completion", "bash"));
    assertThat(printed.exitCode()).isZero();
    script = Files.writeString(folder.resolve("completion"), printed.output());
  }

  @Test
  void aCommandIsCompleted() throws Exception {
    assertThat(completed("bin/simmim", "est")).containsExactly("estimate");
    assertThat(completed("simmim", "bench", "d")).containsExactly("data", "device");
  }

  @Test
  void anOptionIsCompleted() throws Exception {
    assertThat(completed("bin/simmim", "pretrain", "--inp")).containsExactly("--input");
    assertThat(completed("bin/simmim", "estimate", "--pre")).containsExactly("--preset");
  }

  @Test
  void anotherShellIsRefused() {
    CommandResult refused = InThisProcess.run(List.of("completion", "fish"));

    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.errors()).isEqualTo("simmim: completion is for bash and zsh: fish\n");
  }

  /** What bash offers for the last word: the function that it has registered for the command. */
  private List<String> completed(String... words) throws Exception {
    String line = String.join(" ", words);
    String commands =
        """
        source "$1"; shift
        function=$(complete -p simmim | sed 's/.*-F \\([^ ]*\\).*/\\1/')
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMP_POINT=%d
        "$function" "$1" "${@: -1}" 2>/dev/null
        printf '%%s\\n' "${COMPREPLY[@]}"
        """
            .formatted(line.length());
    List<String> command =
        new ArrayList<>(List.of("bash", "--norc", "-c", commands, "bash", script.toString()));
    command.addAll(List.of(words));
    try (ChildProcess bash = ChildProcess.start(folder, "bash", Map.of(), command)) {
      CommandResult result = bash.await(Duration.ofMinutes(1));
      assertThat(result.exitCode()).as(result.toString()).isZero();
      return result.output().lines().map(String::strip).sorted().toList();
    }
  }
}

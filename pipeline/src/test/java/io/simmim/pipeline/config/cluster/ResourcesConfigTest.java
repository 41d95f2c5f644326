package io.simmim.pipeline.config.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.pipeline.config.ConfigLoader;
import io.simmim.pipeline.config.ConfigText;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.schemas.UserError;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.configuration.MemorySize;
import org.junit.jupiter.api.Test;

class ResourcesConfigTest {
  private static final List<String> ALL =
      List.of(
          "resources.images-external-resource=decode",
          "resources.images-cpu-cores=1.5",
          "resources.images-task-heap=256mb",
          "resources.trainer-external-resource=gpu",
          "resources.trainer-cpu-cores=4",
          "resources.trainer-task-heap=2gb");

  @Test
  void areOffUnlessAllAreSet() {
    assertThat(load(List.of()).areSet()).isFalse();
    ResourcesConfig all = load(ALL);
    assertThat(all.areSet()).isTrue();
    assertThat(all.imagesTaskHeap()).isEqualTo(MemorySize.ofMebiBytes(256));
    assertThat(all.trainerCpuCores()).isEqualTo(4);
  }

  @Test
  void eachOneThatIsMissingIsNamed() {
    for (String assignment : ALL) {
      List<String> others = new ArrayList<>(ALL);
      others.remove(assignment);
      assertRefused(
          others,
          "all of resources.* must be set or none; missing: "
              + assignment.substring(0, assignment.indexOf('=')));
    }
    assertRefused(
        ALL.subList(3, 6),
        "all of resources.* must be set or none; missing: resources.images-external-resource,"
            + " resources.images-cpu-cores, resources.images-task-heap");
  }

  /** With one resource the decoding tasks would take the slots beside the GPU. */
  @Test
  void oneExternalResourceIsNotEnough() {
    assertRefused(
        with("resources.images-external-resource=gpu"),
        "resources.images-external-resource and resources.trainer-external-resource must differ:"
            + " gpu");
  }

  @Test
  void valuesHaveLimits() {
    assertRefused(
        with("resources.images-task-heap=0mb"),
        "resources.images-task-heap must be more than 0 bytes: 0 bytes");
    assertRefused(
        with("resources.images-task-heap=512"),
        "resources.images-task-heap must be a size such as 512mb or 2gb: 512");
    assertRefused(
        with("resources.trainer-cpu-cores=-1"),
        "resources.trainer-cpu-cores must be between 0 and 1024: -1.0");
    assertRefused(
        with("resources.trainer-external-resource=nvidia.com/gpu"),
        "resources.trainer-external-resource must be letters, digits, - and _: nvidia.com/gpu");
  }

  @Test
  void aResumedRunMayHaveOthers() {
    assertThat(ConfigText.identity(config(ALL))).isEqualTo(ConfigText.identity(config(List.of())));
  }

  private static List<String> with(String assignment) {
    List<String> all = new ArrayList<>(ALL);
    all.add(assignment);
    return all;
  }

  private static void assertRefused(List<String> assignments, String message) {
    assertThatThrownBy(() -> load(assignments)).isInstanceOf(UserError.class).hasMessage(message);
  }

  private static ResourcesConfig load(List<String> assignments) {
    return config(assignments).resources();
  }

  private static SimmimConfig config(List<String> assignments) {
    return new ConfigLoader().set(assignments).load().config();
  }
}

package io.simmim.pipeline.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.pipeline.config.cluster.ResourcesConfig;
import io.simmim.pipeline.job.settings.SlotGroups;
import io.simmim.schemas.UserError;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.resources.ExternalResource;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.runtime.clusterframework.types.ResourceProfile;
import org.apache.flink.streaming.api.graph.StreamGraph;
import org.apache.flink.streaming.api.graph.StreamNode;
import org.junit.jupiter.api.Test;

class SlotGroupsTest extends JobGraphCase {
  private static final String[] RESOURCES = {
    "training.micro-batch=8",
    "resources.images-external-resource=decode",
    "resources.images-cpu-cores=1.5",
    "resources.images-task-heap=256mb",
    "resources.trainer-external-resource=gpu",
    "resources.trainer-cpu-cores=4",
    "resources.trainer-task-heap=2gb"
  };

  @Test
  void allTasksShareSlotsUnlessResourcesAreSet() {
    StreamGraph graph = graph(new Configuration());

    assertThat(graph.getStreamNodes())
        .allSatisfy(
            node -> {
              assertThat(node.getSlotSharingGroup()).isEqualTo("default");
              assertThat(graph.getSlotSharingGroupResource("default")).isEmpty();
            });
  }

  /** The sinks too: Flink cuts a slot of a group without a profile from any machine. */
  @Test
  void everyTaskIsInAGroupWithAProfileOnceResourcesAreSet() {
    loaded = load(with(RESOURCES, "reject.topic=kafka://broker:9092/rejected"));
    StreamGraph graph = graph(new Configuration());

    assertThat(graph.getStreamNodes())
        .allSatisfy(
            node ->
                assertThat(node.getSlotSharingGroup())
                    .as(node.getOperatorName())
                    .isEqualTo(
                        List.of("images", "image-path").contains(node.getTransformationUID())
                            ? "images"
                            : "trainer"));
    assertThat(graph.getStreamNodes())
        .extracting(StreamNode::getOperatorName)
        .contains("metrics: Writer", "rejected images to Kafka: Writer");
    assertThat(graph.getSlotSharingGroupResource("images"))
        .contains(
            ResourceProfile.newBuilder()
                .setCpuCores(1.5)
                .setTaskHeapMemory(MemorySize.ofMebiBytes(256))
                .setExtendedResource(new ExternalResource("decode", 1))
                .build());
    assertThat(graph.getSlotSharingGroupResource("trainer"))
        .contains(
            ResourceProfile.newBuilder()
                .setCpuCores(4)
                .setTaskHeapMemory(MemorySize.ofMebiBytes(2048))
                .setExtendedResource(new ExternalResource("gpu", 1))
                .build());
  }

  @Test
  void resourcesThatNobodyWouldHeedAreRefused() {
    ResourcesConfig set = load(RESOURCES).config().resources();
    Configuration adaptive = new Configuration();
    adaptive.set(JobManagerOptions.SCHEDULER, JobManagerOptions.SchedulerType.Adaptive);

    SlotGroups.requireHeeded(set, new Configuration(), false);
    SlotGroups.requireHeeded(loaded.config().resources(), adaptive, true);
    assertThatThrownBy(() -> SlotGroups.requireHeeded(set, adaptive, false))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "with resources.* jobmanager.scheduler must be Default, since the adaptive one takes any slot: Adaptive");
    assertThatThrownBy(() -> SlotGroups.requireHeeded(set, new Configuration(), true))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "resources.* is for clusters, whose machines declare gpu and decode; this process is the only machine here");
  }

  private static String[] with(String[] assignments, String one) {
    List<String> all = new ArrayList<>(List.of(assignments));
    all.add(one);
    return all.toArray(String[]::new);
  }
}

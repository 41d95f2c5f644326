package io.simmim.pipeline.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.simmim.pipeline.config.ConfigLoader;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.pipeline.config.cluster.ResourcesConfig;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.ExternalResourceOptions;
import org.apache.flink.configuration.HeartbeatManagerOptions;
import org.apache.flink.configuration.HighAvailabilityOptions;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.kubernetes.kubeclient.FlinkPod;
import org.apache.flink.kubernetes.kubeclient.factory.KubernetesTaskManagerFactory;
import org.apache.flink.kubernetes.kubeclient.parameters.KubernetesTaskManagerParameters;
import org.apache.flink.kubernetes.shaded.io.fabric8.kubernetes.api.model.Container;
import org.apache.flink.kubernetes.shaded.io.fabric8.kubernetes.api.model.Pod;
import org.apache.flink.kubernetes.shaded.io.fabric8.kubernetes.api.model.PodBuilder;
import org.apache.flink.kubernetes.shaded.io.fabric8.kubernetes.client.utils.Serialization;
import org.apache.flink.runtime.clusterframework.ContaineredTaskManagerParameters;
import org.apache.flink.runtime.clusterframework.TaskExecutorProcessSpec;
import org.apache.flink.runtime.clusterframework.TaskExecutorProcessUtils;
import org.junit.jupiter.api.Test;

/** What Flink makes of the manifests: its own code works out memory and pods. */
class ManifestResourcesTest {
  private static final List<Class<?>> OPTIONS =
      List.of(
          CheckpointingOptions.class,
          CoreOptions.class,
          ExternalResourceOptions.class,
          HeartbeatManagerOptions.class,
          HighAvailabilityOptions.class,
          JobManagerOptions.class,
          PipelineOptions.class,
          RestartStrategyOptions.class,
          TaskManagerOptions.class);

  /** Keys with a name in them, and those of the operator. */
  private static final List<String> OPEN =
      List.of(
          "kubernetes.operator.",
          "job.autoscaler.",
          "metrics.reporter.prom.",
          "external-resource.");

  @Test
  void flinkKnowsEverySettingThatItIsTold() throws IOException {
    Set<String> known = new HashSet<>();
    for (Class<?> options : OPTIONS) {
      for (Field field : options.getFields()) {
        if (Modifier.isStatic(field.getModifiers())
            && ConfigOption.class.isAssignableFrom(field.getType())) {
          known.add(option(field).key());
        }
      }
    }
    Set<String> unknown = new TreeSet<>();
    for (Manifests.Manifest manifest : Manifests.all()) {
      manifest
          .tree()
          .at("/spec/flinkConfiguration")
          .properties()
          .forEach(
              entry -> {
                String key = entry.getKey();
                if (!known.contains(key) && OPEN.stream().noneMatch(key::startsWith)) {
                  unknown.add(manifest.file() + ": " + key);
                }
              });
    }

    assertThat(unknown).isEmpty();
  }

  private static ConfigOption<?> option(Field field) {
    try {
      return (ConfigOption<?>) field.get(null);
    } catch (IllegalAccessException e) {
      throw new AssertionError(e);
    }
  }

  /** Flink gives the heap what is left of the pod's memory. */
  @Test
  void theHeapOfEveryPresetHasRoomForItsTasks() throws IOException {
    for (String preset : List.of("vit-base-800ep", "vit-tiny", "swinv2-giant-20ep")) {
      for (String device : List.of("gpu0", "cpu")) {
        SimmimConfig config = config(preset, List.of("training.device=" + device));
        PodResources needs = PodResources.of(config);
        JsonNode printed =
            Manifests.YAML.readTree(
                new DeploymentManifest("a", "b", preset, List.of(), List.of("c"), "d")
                    .yaml(config));
        TaskExecutorProcessSpec spec =
            TaskExecutorProcessUtils.processSpecFromConfig(Manifests.taskManager(printed));

        assertThat(spec.getTaskHeapSize().getMebiBytes())
            .as("%s on %s", preset, device)
            .isBetween((int) needs.heapMiB(), (int) needs.heapMiB() + 512);
        assertThat((long) spec.getTaskOffHeapSize().getMebiBytes()).isEqualTo(needs.nativeMiB());
        assertThat(spec.getNumSlots()).isEqualTo(needs.slots());
      }
    }
  }

  @Test
  void aModelThatIsLookedAtWhileItIsTrainedNeedsMoreMemory() {
    List<String> watched = List.of("eval.every-epochs=5");
    PodResources usual = PodResources.of(new ConfigLoader().load().config());
    PodResources more = PodResources.of(new ConfigLoader().set(watched).load().config());

    long copy = (4 * usual.parameters()) >> 20;
    assertThat(more.nativeMiB()).isGreaterThan(usual.nativeMiB() + copy);
    assertThat(more.heapMiB()).isEqualTo(usual.heapMiB());
  }

  @Test
  void thePodOfATaskManagerGetsItsGpuItsTolerationAndItsHook() throws IOException {
    JsonNode deployment = Manifests.of("flinkdeployment.yaml");
    Configuration settings = Manifests.taskManager(deployment);
    // As the operator and Flink's own start in a cluster do.
    settings.setString("kubernetes.cluster-id", "simmim");
    settings.set(TaskManagerOptions.RPC_PORT, "6122");
    TaskExecutorProcessSpec spec = TaskExecutorProcessUtils.processSpecFromConfig(settings);
    Pod template =
        Serialization.unmarshal(
            deployment.at("/spec/taskManager/podTemplate").toString(), Pod.class);
    FlinkPod flinkPod =
        new FlinkPod.Builder()
            .withPod(new PodBuilder(template).editSpec().withContainers().endSpec().build())
            .withMainContainer(template.getSpec().getContainers().get(0))
            .build();

    Pod pod =
        KubernetesTaskManagerFactory.buildTaskManagerKubernetesPod(
                flinkPod,
                new KubernetesTaskManagerParameters(
                    settings,
                    "simmim-taskmanager-1-1",
                    "",
                    "",
                    ContaineredTaskManagerParameters.create(settings, spec),
                    Map.of("gpu", "nvidia.com/gpu"),
                    Set.of()))
            .getInternalResource();

    Container container = pod.getSpec().getContainers().get(0);
    assertThat(container.getResources().getLimits().get("nvidia.com/gpu").getAmount())
        .isEqualTo("1");
    assertThat(container.getLifecycle().getPreStop().getExec().getCommand())
        .containsExactly("/opt/simmim/before-stop");
    assertThat(pod.getSpec().getTolerations())
        .anyMatch(one -> one.getKey().equals("nvidia.com/gpu"));
    assertThat(pod.getSpec().getTerminationGracePeriodSeconds()).isEqualTo(120);
  }

  /** As many slots as the job asks for fit into the machines of each kind. */
  @Test
  void mixedMachinesHaveWhatTheirTasksAskFor() throws IOException {
    JsonNode decoders = Manifests.of("mixed/flinkdeployment.yaml");
    List<String> assignments = new ArrayList<>();
    JsonNode arguments = decoders.at("/spec/job/args");
    for (int i = 0; i < arguments.size(); i++) {
      if (arguments.get(i).asText().equals("--set")) {
        assignments.add(arguments.get(i + 1).asText());
      }
    }
    SimmimConfig config = config("vit-base-800ep", assignments);
    ResourcesConfig asked = config.resources();
    Configuration settings = Manifests.taskManager(decoders);
    int tasks = decoders.at("/spec/job/parallelism").asInt();
    int decoding = Integer.parseInt(settings.toMap().get("external-resource.decode.amount"));

    assertThat(settings.get(ExternalResourceOptions.EXTERNAL_RESOURCE_LIST))
        .containsExactly(asked.imagesExternalResource());
    assertThat(decoders.at("/spec/taskManager/replicas").asInt() * decoding).isEqualTo(tasks);
    assertFits(settings, decoding, asked.imagesCpuCores(), asked.imagesTaskHeap().getBytes());

    Configuration trainer = new Configuration(settings);
    JsonNode container = Manifests.of("mixed/trainer.yaml").at("/spec/template/spec/containers/0");
    container
        .get("args")
        .forEach(
            argument -> {
              String[] pair = argument.asText().replaceFirst("^-D", "").split("=", 2);
              if (pair.length == 2) {
                trainer.setString(pair[0], pair[1]);
              }
            });
    assertThat(trainer.get(ExternalResourceOptions.EXTERNAL_RESOURCE_LIST))
        .containsExactly(asked.trainerExternalResource());
    assertFits(trainer, 1, asked.trainerCpuCores(), asked.trainerTaskHeap().getBytes());
    assertThat(container.at("/resources/limits/memory").asText())
        .isEqualTo(trainer.get(TaskManagerOptions.TOTAL_PROCESS_MEMORY).getMebiBytes() + "Mi");
  }

  private static void assertFits(Configuration machine, int slots, double cores, long heap) {
    TaskExecutorProcessSpec spec = TaskExecutorProcessUtils.processSpecFromConfig(machine);
    assertThat(spec.getCpuCores().getValue().doubleValue()).isGreaterThanOrEqualTo(slots * cores);
    assertThat(spec.getTaskHeapSize().getBytes()).isGreaterThanOrEqualTo(slots * heap);
  }

  private static SimmimConfig config(String preset, List<String> assignments) {
    return new ConfigLoader().preset(preset).set(assignments).load().config();
  }
}

package io.simmim.pipeline.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;
import com.networknt.schema.ValidationMessage;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.openshift.api.model.monitoring.v1.PodMonitor;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule;
import io.simmim.pipeline.kubernetes.Manifests.Manifest;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Every manifest against the schema of its kind. An API server would drop a field that it does not
 * know, and the setting with it; here it is an error.
 */
class ManifestSchemasTest {
  /** Kinds that the operator's CRDs describe. */
  private static final List<String> OPERATORS = List.of("FlinkDeployment", "FlinkStateSnapshot");

  /** Kinds that are described by classes. */
  private static final Map<String, Class<?>> TYPES =
      Map.of(
          "Deployment",
          Deployment.class,
          "PodMonitor",
          PodMonitor.class,
          "PrometheusRule",
          PrometheusRule.class);

  /** kubectl kustomize reads these, and refuses what it does not know. */
  private static final List<String> KUSTOMIZE = List.of("Kustomization", "Component");

  private static final ObjectMapper STRICT =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .annotationIntrospector(
              new JacksonAnnotationIntrospector() {
                @Override
                public Boolean hasAnySetter(Annotated annotated) {
                  return false; // would take unknown fields
                }
              })
          .build();

  @Test
  void everyManifestFitsTheSchemaOfItsKind() throws IOException {
    List<Manifest> manifests = Manifests.all();
    List<String> mistakes = new ArrayList<>();
    for (Manifest manifest : manifests) {
      mistakes(manifest.tree()).forEach(text -> mistakes.add(manifest.file() + ": " + text));
    }

    assertThat(mistakes).isEmpty();
    assertThat(manifests)
        .extracting(Manifest::kind)
        .contains("FlinkDeployment", "FlinkStateSnapshot", "Deployment", "PodMonitor");
  }

  @Test
  void mistakesAreFound() throws IOException {
    assertFound("flinkdeployment.yaml", "/spec/taskManager/podTemplate/spec", "nodeSelektor");
    assertFound("flinkdeployment.yaml", "/spec/job", "upgrade-mode");
    assertFound("flinkdeployment.yaml", "/spec", "flinkConfigurations");
    assertFound("snapshot.yaml", "/spec/savepoint", "formattype");
    assertFound("mixed/trainer.yaml", "/spec/template/spec", "toleration");
    assertFound("monitoring/podmonitor.yaml", "/spec", "podMetricsEndpoint");
    assertFound("monitoring/prometheusrule.yaml", "/spec/groups/0/rules/0", "expression");
    ObjectNode version = Manifests.of("flinkdeployment.yaml").deepCopy();
    ((ObjectNode) version.get("spec")).put("flinkVersion", "2.3");
    assertThat(mistakes(version)).anyMatch(text -> text.contains("flinkVersion"));
    ObjectNode number = Manifests.of("flinkdeployment.yaml").deepCopy();
    ((ObjectNode) number.at("/spec/flinkConfiguration")).put("taskmanager.numberOfTaskSlots", 9);
    assertThat(mistakes(number)).anyMatch(text -> text.contains("numberOfTaskSlots"));
  }

  private static void assertFound(String file, String place, String field) throws IOException {
    ObjectNode tree = Manifests.of(file).deepCopy();
    ((ObjectNode) tree.at(place)).put(field, "x");
    assertThat(mistakes(tree)).as(file).isNotEmpty().allMatch(text -> text.contains(field));
  }

  private static List<String> mistakes(JsonNode manifest) throws IOException {
    String kind = manifest.path("kind").asText();
    if (OPERATORS.contains(kind)) {
      return schema(kind).validate(manifest).stream().map(ValidationMessage::getMessage).toList();
    }
    if (KUSTOMIZE.contains(kind)) {
      return List.of();
    }
    Class<?> type = TYPES.get(kind);
    if (type == null) {
      return List.of("no schema for the kind " + kind);
    }
    try {
      STRICT.treeToValue(manifest, type);
      return List.of();
    } catch (IOException e) {
      return List.of(e.getMessage().lines().findFirst().orElse(""));
    }
  }

  private static JsonSchema schema(String kind) throws IOException {
    String file =
        "/META-INF/fabric8/%ss.flink.apache.org-v1.yml".formatted(kind.toLowerCase(Locale.ROOT));
    JsonNode definition;
    try (InputStream stream = ManifestSchemasTest.class.getResourceAsStream(file)) {
      definition = Manifests.YAML.readTree(stream);
    }
    ObjectNode schema = (ObjectNode) definition.at("/spec/versions/0/schema/openAPIV3Schema");
    ObjectNode properties = (ObjectNode) schema.get("properties");
    properties.putObject("apiVersion").put("const", "flink.apache.org/v1beta1");
    properties.putObject("kind").put("const", kind);
    properties.putObject("metadata").put("type", "object");
    close(schema);
    if (properties.at("/spec/properties/flinkVersion/enum") instanceof ArrayNode versions) {
      // Of the operator that is on Maven Central; newer ones know these.
      List.of("v2_0", "v2_1", "v2_2").forEach(versions::add);
    }
    return JsonSchemaFactory.getInstance(VersionFlag.V7).getSchema(schema);
  }

  private static void close(JsonNode node) {
    if (node instanceof ObjectNode object
        && object.path("properties").isObject()
        && !object.has("additionalProperties")
        && !object.path("x-kubernetes-preserve-unknown-fields").asBoolean()) {
      object.put("additionalProperties", false);
    }
    node.forEach(ManifestSchemasTest::close);
  }
}

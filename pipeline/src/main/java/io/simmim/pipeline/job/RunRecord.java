package io.simmim.pipeline.job;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simmim.operators.catalog.CatalogReference;
import io.simmim.schemas.UserError;
import io.simmim.trainer.operator.ConfigurationIdentity;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a resumed run must agree with: {@code run.json}.
 *
 * @param identity the configuration that the training sequence and the model depend on
 * @param catalog the images; empty in a continuous run
 * @param decay how a continuous run ends, if it is to
 */
record RunRecord(
    ConfigurationIdentity identity, Optional<CatalogReference> catalog, Optional<Decay> decay) {
  /** Of a run over a catalog. */
  static final int VERSION_1 = 1;

  /** Of a continuous run: has no catalog, and may have a decay. */
  static final int VERSION_2 = 2;

  private static final ObjectMapper MAPPER = new ObjectMapper();

  static Optional<RunRecord> read(RunFolder folder) {
    return folder.read(folder.run()).map(text -> parse(text, folder.run().toString()));
  }

  private static RunRecord parse(String text, String name) {
    try {
      JsonNode root = MAPPER.readTree(text);
      int version = root.path("format-version").asInt();
      if (version != VERSION_1 && version != VERSION_2) {
        throw new UserError(
            "%s has format version %d; this build reads versions %d and %d"
                .formatted(name, version, VERSION_1, VERSION_2));
      }
      TreeMap<String, String> identity = new TreeMap<>();
      root.path("identity")
          .properties()
          .forEach(entry -> identity.put(entry.getKey(), entry.getValue().asText()));
      return new RunRecord(
          new ConfigurationIdentity(identity),
          version == VERSION_1 ? Optional.of(catalog(root.path("catalog"))) : Optional.empty(),
          root.has("decay") ? Optional.of(decay(root.path("decay"))) : Optional.empty());
    } catch (JsonProcessingException | IllegalArgumentException e) {
      throw new UserError(
          "%s is damaged: %s".formatted(name, e.getMessage().lines().findFirst().orElse("")), e);
    }
  }

  private static CatalogReference catalog(JsonNode catalog) {
    return new CatalogReference(
        catalog.path("path").asText(),
        catalog.path("digest").asText(),
        catalog.path("size").asLong());
  }

  private static Decay decay(JsonNode decay) {
    return new Decay(decay.path("start").asLong(), decay.path("steps").asLong());
  }

  void write(RunFolder folder) {
    ObjectNode root = MAPPER.createObjectNode();
    root.put("format-version", catalog.isPresent() ? VERSION_1 : VERSION_2);
    ObjectNode keys = root.putObject("identity");
    identity.values().forEach(keys::put);
    catalog.ifPresent(
        images ->
            root.putObject("catalog")
                .put("path", images.path())
                .put("digest", images.digest())
                .put("size", images.size()));
    decay.ifPresent(
        end -> root.putObject("decay").put("start", end.start()).put("steps", end.steps()));
    try {
      folder.write(
          folder.run(), MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n");
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }
}

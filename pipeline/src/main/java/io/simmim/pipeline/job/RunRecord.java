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
 * @param catalog the images
 */
record RunRecord(ConfigurationIdentity identity, CatalogReference catalog) {
  static final int VERSION_1 = 1;

  private static final ObjectMapper MAPPER = new ObjectMapper();

  static Optional<RunRecord> read(RunFolder folder) {
    return folder.read(folder.run()).map(text -> parse(text, folder.run().toString()));
  }

  private static RunRecord parse(String text, String name) {
    try {
      JsonNode root = MAPPER.readTree(text);
      int version = root.path("format-version").asInt();
      if (version != VERSION_1) {
        throw new UserError(
            "%s has format version %d; this build reads version %d"
                .formatted(name, version, VERSION_1));
      }
      TreeMap<String, String> identity = new TreeMap<>();
      root.path("identity")
          .properties()
          .forEach(entry -> identity.put(entry.getKey(), entry.getValue().asText()));
      JsonNode catalog = root.path("catalog");
      return new RunRecord(
          new ConfigurationIdentity(identity),
          new CatalogReference(
              catalog.path("path").asText(),
              catalog.path("digest").asText(),
              catalog.path("size").asLong()));
    } catch (JsonProcessingException | IllegalArgumentException e) {
      throw new UserError(
          "%s is damaged: %s".formatted(name, e.getMessage().lines().findFirst().orElse("")), e);
    }
  }

  void write(RunFolder folder) {
    ObjectNode root = MAPPER.createObjectNode();
    root.put("format-version", VERSION_1);
    ObjectNode keys = root.putObject("identity");
    identity.values().forEach(keys::put);
    root.putObject("catalog")
        .put("path", catalog.path())
        .put("digest", catalog.digest())
        .put("size", catalog.size());
    try {
      folder.write(
          folder.run(), MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n");
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }
}

package io.simmim.trainer.interop.layout;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simmim.trainer.interop.names.NameTable;
import io.simmim.trainer.model.ModelConfig;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * How a library lays out the models of one architecture. A new one implements this interface,
 * brings a table of names, and is listed in {@code ForeignKinds}.
 */
public interface ForeignKind {
  /**
   * Mostly the name of its table of names. Kinds that have the same are written as the first of
   * them that is listed.
   */
  String id();

  Library library();

  /** The class that the library loads it with, or the registered name that is changed to fit it. */
  String architecture(PortableModel model);

  /**
   * Whether a model is of this kind.
   *
   * @param config its {@code config.json}
   * @param names of its tensors
   */
  boolean describes(ForeignConfig config, Set<String> names);

  /** Why the library cannot represent a model, if it cannot. */
  Optional<String> obstacle(PortableModel model);

  /** Whether the head that predicts pixels is part of it, unless the model is a classifier. */
  boolean hasHead();

  /** Adds to the {@code config.json} what the library needs to build the model. */
  void describe(ObjectNode json, PortableModel model);

  /**
   * The model that a {@code config.json} describes. Its masks may be as fine as its patches; how
   * images of transformers and timm are normalised is told apart ({@link ForeignNormalization}).
   *
   * @throws IllegalArgumentException if there is no such model here
   */
  ModelConfig read(ForeignConfig config, ForeignShapes shapes);

  /** The classifier of such a model, if it has one that looks at what it looks at here. */
  default Optional<ClassifierHead> head(ForeignConfig config, ForeignShapes shapes) {
    return Optional.empty();
  }

  /**
   * The library's names.
   *
   * @param found names of the tensors that are there, or none for the library's own choice
   */
  NameTable names(PortableModel model, Set<String> found);

  /** A table of names whose keys depend on nothing but a prefix. */
  static NameTable prefixed(String id, String prefix, Set<String> found, String byDefault) {
    return NameTable.read(id + ".names", Map.of("prefix", prefix(prefix, found, byDefault)));
  }

  /** What the library's names begin with: models with a head put the encoder into a field. */
  static String prefix(String prefix, Set<String> found, String byDefault) {
    if (found.isEmpty()) {
      return byDefault;
    }
    return found.stream().anyMatch(name -> name.startsWith(prefix)) ? prefix : "";
  }
}

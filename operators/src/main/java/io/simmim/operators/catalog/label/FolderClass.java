package io.simmim.operators.catalog.label;

import io.simmim.schemas.ImageRef;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The class of an image by the folder that it lies in, as torchvision's ImageFolder has it: {@code
 * INPUT/CLASS/…/image.jpg}, the first folder below the input. A shard is taken for a folder: the
 * first folder in the name of its member tells, and if there is none the folder that the shard is
 * in.
 */
public final class FolderClass implements Serializable {
  private static final long serialVersionUID = 1;

  private final Set<String> roots;

  /**
   * @param roots the folders that were listed
   */
  public FolderClass(List<String> roots) {
    this.roots = Set.copyOf(roots.stream().map(FolderClass::withoutSlash).toList());
  }

  private static String withoutSlash(String root) {
    return root.endsWith("/") ? root.substring(0, root.length() - 1) : root;
  }

  /** The name of the class, if a folder tells. */
  public Optional<String> of(ImageRef image) {
    Optional<String> inShard = firstFolder(image.member());
    return inShard.isPresent() ? inShard : belowRoot(image.uri());
  }

  /** Without what leads nowhere: {@code ./cat/1.jpg} is in cat. */
  private static Optional<String> firstFolder(String member) {
    int start = 0;
    for (int slash = member.indexOf('/'); slash >= 0; slash = member.indexOf('/', start)) {
      String folder = member.substring(start, slash);
      if (!folder.isEmpty() && !folder.equals(".")) {
        return folder.equals("..") ? Optional.empty() : Optional.of(folder);
      }
      start = slash + 1;
    }
    return Optional.empty();
  }

  private Optional<String> belowRoot(String uri) {
    int end = uri.length();
    for (int slash = uri.lastIndexOf('/'); slash > 0; slash = uri.lastIndexOf('/', slash - 1)) {
      if (roots.contains(uri.substring(0, slash))) {
        return end == uri.length() ? Optional.empty() : Optional.of(uri.substring(slash + 1, end));
      }
      end = slash;
    }
    return Optional.empty();
  }
}

package io.simmim.operators.catalog.listing;

import io.simmim.operators.catalog.CatalogBuilder;
import io.simmim.operators.catalog.ImageNames;
import io.simmim.operators.catalog.ListingNotes;
import io.simmim.operators.catalog.ListingNotes.Kind;
import io.simmim.operators.catalog.tar.ShardReading;
import io.simmim.schemas.UserError;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Lists the images under URIs, also those in tar shards, in the order of their UTF-8 bytes. */
final class ImageListing {
  private final List<String> excludedFolders;
  private final FolderLister lister;
  private final ShardReading shards;
  private final ListingNotes notes = new ListingNotes();
  private final List<String> withoutImages = new ArrayList<>();

  ImageListing(List<String> excludedFolders, ShardReading shards) {
    this(excludedFolders, shards, FolderLister.anywhere());
  }

  ImageListing(List<String> excludedFolders, ShardReading shards, FolderLister lister) {
    this.lister = lister;
    this.shards = shards;
    this.excludedFolders =
        excludedFolders.stream().map(folder -> InputRoot.qualified(folder) + "/").toList();
  }

  /** Lists objects: a shard is one, whatever is in it. */
  Listing objects(List<String> uris) {
    List<InputRoot> roots = InputRoot.distinct(uris);
    CatalogBuilder objects = new CatalogBuilder();
    try {
      walk(roots, (uri, length, problem) -> objects.add(uri, 0, length, "", problem));
      return listing(uris, roots, objects);
    } catch (IOException e) {
      throw new UserError("cannot list the input: " + e.getMessage(), e);
    }
  }

  /** Lists images. */
  Listing images(List<String> uris) {
    if (uris.isEmpty()) {
      throw new UserError("no input given " + InputRoot.ALLOWED);
    }
    List<InputRoot> roots = InputRoot.distinct(uris);
    try (CatalogQueue images = new CatalogQueue(shards, lister, notes)) {
      walk(roots, (uri, length, problem) -> add(uri, length, problem, images));
      return listing(uris, roots, images.finish());
    } catch (IOException e) {
      throw new UserError("cannot list the input: " + e.getMessage(), e);
    }
  }

  private void walk(List<InputRoot> roots, FolderWalk.Found found) throws IOException {
    for (InputRoot root : roots) {
      long[] count = {0};
      FolderWalk.Found counted =
          (uri, length, problem) -> {
            count[0]++;
            found.add(uri, length, problem);
          };
      if (root.folder()) {
        new FolderWalk(root.path(), lister, excludedFolders::contains, notes, counted)
            .run(shards.concurrency());
      } else {
        counted.add(root.path().toString(), root.length(), "");
      }
      if (count[0] == 0) {
        withoutImages.add(root.path().toString());
      }
    }
  }

  private static void add(String uri, long length, String problem, CatalogQueue images)
      throws IOException {
    if (!problem.isEmpty()) {
      images.addUnusable(uri, problem);
    } else if (ImageNames.isShard(uri)) {
      images.addShard(uri, length);
    } else {
      images.addImage(uri, length);
    }
  }

  private Listing listing(List<String> uris, List<InputRoot> roots, CatalogBuilder images)
      throws IOException {
    if (withoutImages.size() < roots.size()) {
      withoutImages.forEach(input -> notes.add(Kind.NO_IMAGES, input));
    }
    List<String> probes = roots.stream().map(InputRoot::availabilityProbe).distinct().toList();
    return new Listing(uris, images.build(probes), withoutImages, notes.lines());
  }
}

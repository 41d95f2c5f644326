package io.simmim.operators.catalog.listing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.simmim.operators.catalog.tar.ShardReading;
import io.simmim.schemas.ImageRef;
import io.simmim.schemas.UserError;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.fs.local.LocalFileStatus;
import org.apache.flink.core.fs.local.LocalFileSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Servers that list what cannot be. */
@Timeout(60)
class WrongListingTest extends ListedFolder {
  private Listing listing(FolderLister lister) {
    return new ImageListing(List.of(), ShardReading.defaults(), lister)
        .images(List.of("flaky:" + folder + "/a"));
  }

  @Test
  void anImageOfANegativeSizeIsRejectedAlone() {
    FolderLister lister = FolderLister.remote(new NegativeSizes());

    Listing listing = listing(path -> lister.children(new Path("file:" + path.getPath())));

    assertThat(refs(listing.catalog()))
        .extracting(ref -> ref.uri().replaceFirst(".*/", ""), ImageRef::length, ImageRef::problem)
        .containsExactly(
            tuple("z.JpEg", 16, ""), tuple("x.jpg", 0, "storage gives its size as -1"));
  }

  @Test
  void foldersInFoldersWithoutEndAreRefused() {
    FolderLister endless = path -> new ArrayList<>(List.of(FolderLister.Child.folder("sub")));

    assertThatThrownBy(() -> listing(endless))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "cannot list the input: there are folders in folders without end below flaky:%s/a (allowed: paths of up to 8000 characters)"
                .formatted(folder));
  }

  /** As some servers tell of objects whose size they do not know. */
  private static final class NegativeSizes extends LocalFileSystem {
    @Override
    public FileStatus[] listStatus(Path path) throws IOException {
      return Arrays.stream(super.listStatus(path))
          .map(file -> file.getPath().getName().startsWith("x") ? new Unknown(file) : file)
          .toArray(FileStatus[]::new);
    }
  }

  private static final class Unknown extends LocalFileStatus {
    Unknown(FileStatus file) {
      super(new java.io.File(file.getPath().getPath()), LocalFileSystem.getSharedInstance());
    }

    @Override
    public long getLen() {
      return -1;
    }
  }
}

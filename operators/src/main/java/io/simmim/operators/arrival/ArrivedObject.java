package io.simmim.operators.arrival;

import io.simmim.operators.arrival.log.ArrivedImage;
import io.simmim.operators.catalog.Catalog;
import io.simmim.schemas.ImageRef;
import java.util.AbstractList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongUnaryOperator;

/**
 * An object that came or went, with what is in it.
 *
 * @param arrival as the feed told
 * @param members the images of a tar shard, in the order in which they are to be used; empty if the
 *     object itself is the image, or went
 */
public record ArrivedObject(Arrival arrival, Optional<List<ImageRef>> members) {
  public ArrivedObject {
    Objects.requireNonNull(arrival, "arrival");
    Objects.requireNonNull(members, "members");
  }

  /** An image that is an object, or an object that went. */
  public static ArrivedObject plain(Arrival arrival) {
    return new ArrivedObject(arrival, Optional.empty());
  }

  /** Gives the images to note, one after the other; of a shard without any, one that says so. */
  void forEachImage(Consumer<ArrivedImage> take) {
    if (members.isEmpty()) {
      take.accept(image(0, arrival.length(), "", ""));
    } else if (members.get().isEmpty()) {
      take.accept(image(0, 0, "", "the shard has no image"));
    } else {
      // A shard may have millions, which are made as they are asked for.
      members
          .get()
          .forEach(
              member ->
                  take.accept(
                      image(member.offset(), member.length(), member.member(), member.problem())));
    }
  }

  private ArrivedImage image(long offset, long length, String member, String problem) {
    return new ArrivedImage(
        arrival.uri(),
        offset,
        length,
        member,
        problem,
        arrival.version(),
        arrival.origin(),
        arrival.eventMillis());
  }

  /** Orders the images of a shard. */
  public static List<ImageRef> members(Catalog shard, LongUnaryOperator order) {
    return new ShardMembers(shard, order);
  }

  private static final class ShardMembers extends AbstractList<ImageRef> {
    private final Catalog shard;
    private final LongUnaryOperator order;

    ShardMembers(Catalog shard, LongUnaryOperator order) {
      this.shard = shard;
      this.order = order;
    }

    @Override
    public ImageRef get(int index) {
      return shard.ref(order.applyAsLong(index));
    }

    @Override
    public int size() {
      return Math.toIntExact(shard.size());
    }
  }
}

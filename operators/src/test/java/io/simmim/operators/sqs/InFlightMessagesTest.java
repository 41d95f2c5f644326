package io.simmim.operators.sqs;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.operators.sqs.InFlightMessages.Receipt;
import java.util.List;
import org.junit.jupiter.api.Test;

class InFlightMessagesTest {
  private final InFlightMessages messages = new InFlightMessages();

  private void receive(long poll, String id, String receipt, long nanos) {
    messages.received(poll, new SqsMessage(id, receipt, ""), nanos);
  }

  @Test
  void mayBeDeletedWhenTheirPollIsDurable() {
    receive(1, "a", "a1", 0);
    receive(2, "b", "b1", 0);
    receive(2, "c", "c1", 0);
    receive(3, "d", "d1", 0);
    assertThat(messages.toDelete(9)).isEmpty();

    messages.durable(2);
    assertThat(messages.toDelete(9))
        .containsExactly(new Receipt("a", "a1"), new Receipt("b", "b1"), new Receipt("c", "c1"));
    assertThat(messages.toDelete(2)).hasSize(2);
    messages.durable(1);
    messages.deleted(messages.toDelete(2));
    assertThat(messages.toDelete(9)).containsExactly(new Receipt("c", "c1"));
    assertThat(messages.size()).isEqualTo(2);
  }

  @Test
  void areHiddenAnewWhileTheyAreNotDurable() {
    receive(1, "a", "a1", 10);
    receive(2, "b", "b1", 20);
    receive(3, "c", "c1", 30);
    messages.durable(1);

    assertThat(messages.hiddenUntil(20)).containsExactly(new Receipt("b", "b1"));
    messages.hidden(List.of(new Receipt("b", "b1")), 40);
    assertThat(messages.hiddenUntil(39)).containsExactly(new Receipt("c", "c1"));
  }

  @Test
  void knowTimesThatWrapAround() {
    receive(1, "a", "a1", Long.MAX_VALUE);

    assertThat(messages.hiddenUntil(Long.MAX_VALUE - 1)).isEmpty();
    assertThat(messages.hiddenUntil(Long.MIN_VALUE + 1)).hasSize(1);
  }

  /** What it tells is as durable as before; its old receipt may not count any more. */
  @Test
  void areTheSameWhenTheyComeAgain() {
    receive(1, "a", "a1", 10);
    receive(2, "b", "b1", 10);
    receive(3, "a", "a2", 30);
    messages.hidden(List.of(new Receipt("a", "a1")), 50);
    assertThat(messages.hiddenUntil(30)).contains(new Receipt("a", "a2"));

    messages.durable(1);
    assertThat(messages.toDelete(9)).containsExactly(new Receipt("a", "a2"));
    messages.deleted(List.of(new Receipt("a", "a1")));
    assertThat(messages.size()).isEqualTo(2);
    messages.deleted(messages.toDelete(9));
    assertThat(messages.size()).isEqualTo(1);
  }
}

package io.simmim.operators.sqs;

/**
 * A message that was received.
 *
 * @param id the same each time that it is received
 * @param receipt what it is hidden or deleted by; another one each time
 */
public record SqsMessage(String id, String receipt, String body) {}

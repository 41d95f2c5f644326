/** Queues of Amazon SQS: their clients, messages and failures. Knows nothing of images. */
package io.simmim.operators.sqs;

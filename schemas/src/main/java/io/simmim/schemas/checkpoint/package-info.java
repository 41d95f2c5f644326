/** What is told of checkpoints: what they take, and that one is damaged. */
package io.simmim.schemas.checkpoint;

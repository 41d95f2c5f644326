/** What checkpoints take. */
package io.simmim.schemas.checkpoint;

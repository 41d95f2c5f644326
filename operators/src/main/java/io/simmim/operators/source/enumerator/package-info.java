/** Plans chunks and hands them to readers; keeps what was handed out in the checkpoint. */
package io.simmim.operators.source.enumerator;

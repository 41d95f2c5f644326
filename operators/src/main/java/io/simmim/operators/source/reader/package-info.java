/** Fetches the images of chunks, several at once, and emits them in order. */
package io.simmim.operators.source.reader;

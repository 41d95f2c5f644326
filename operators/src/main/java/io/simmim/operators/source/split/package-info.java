/** What goes between enumerator and readers: chunks as splits, and events. */
package io.simmim.operators.source.split;

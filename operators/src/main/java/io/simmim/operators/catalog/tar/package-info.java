/** Reads which images are where in a tar shard, by range, from storage that is far away. */
package io.simmim.operators.catalog.tar;

/** Lists folders, objects and shards on any file system, and makes a catalog of them. */
package io.simmim.operators.catalog.listing;

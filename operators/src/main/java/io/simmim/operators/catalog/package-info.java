/** The list of images that a run is a pure function of: in memory, and as a file. */
package io.simmim.operators.catalog;

/** What people ask of the lists of images that runs keep. */
package io.simmim.pipeline.catalog;

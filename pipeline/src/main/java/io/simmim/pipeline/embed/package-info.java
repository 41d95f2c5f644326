/** Features of images as rows of files. */
package io.simmim.pipeline.embed;

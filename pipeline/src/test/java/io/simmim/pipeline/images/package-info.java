/** Images that tests make, in folders, in tar shards and in S3. */
package io.simmim.pipeline.images;

/** A real S3 server for tests, and what makes it as slow and unreliable as one far away. */
package io.simmim.pipeline.s3;

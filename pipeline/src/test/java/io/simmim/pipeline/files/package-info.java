/** File systems that fail, linger or wait where a test wants it. */
package io.simmim.pipeline.files;

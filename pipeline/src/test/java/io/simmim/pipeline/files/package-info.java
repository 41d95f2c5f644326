/** File systems that fail where a test wants it. */
package io.simmim.pipeline.files;

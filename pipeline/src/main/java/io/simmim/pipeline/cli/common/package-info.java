/** What commands share. */
package io.simmim.pipeline.cli.common;

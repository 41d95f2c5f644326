/** Asking servers whose answers are bounded in time and size. */
package io.simmim.pipeline.http;

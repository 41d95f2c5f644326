/** How threads end. */
package io.simmim.schemas.thread;

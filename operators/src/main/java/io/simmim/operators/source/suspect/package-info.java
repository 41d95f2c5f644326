/** Images that were being decoded when a process died. */
package io.simmim.operators.source.suspect;

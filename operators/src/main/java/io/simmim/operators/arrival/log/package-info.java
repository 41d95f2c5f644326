/** What arrived, in order, as a log on storage that a run replays. */
package io.simmim.operators.arrival.log;

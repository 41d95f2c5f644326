/** Where arrivals come from: listings that are repeated, and events of object stores. */
package io.simmim.operators.arrival.feed;

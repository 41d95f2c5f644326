/** Random numbers and orders as pure functions of a seed. */
package io.simmim.schemas.random;

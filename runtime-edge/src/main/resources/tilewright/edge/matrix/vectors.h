/*
 * Vectors of 32-bit lanes, of the widest kind that the processor named to the compiler has: a thin layer over intrinsics.
 *
 * What differs between architectures is here and in the two files that this one includes, nothing in what is built on it.
 * VI and VF are vectors of LANES integers and floats, of which SIDES lie side by side where codes are read as they are
 * packed; COLUMNS is how many rows of inputs a tile of sums in registers has.
 *
 * Dot products are of codes with signed bytes: IN is 16 inputs, SUM what four codes of each lane times four inputs add to.
 * SIGNED_CODES says that codes are signed too: then FLIP, which inverts the bits given of every byte, their highest ones, subtracts
 * half their range; else it does nothing, since what a sum begins with subtracts it.
 */
#include <stdint.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))

#if defined(__aarch64__)
#include "vectors-neon.h"
#else
#include "vectors-x86.h"
#endif
